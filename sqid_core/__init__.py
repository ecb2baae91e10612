"""What a bundle of products, judged queries and signals means: ranking, fusion, evaluation. No Streamlit here."""
