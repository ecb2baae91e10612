"""What a bundle of products, judged queries and signals means: ranking, fusion and evaluation. No Streamlit, no network."""
