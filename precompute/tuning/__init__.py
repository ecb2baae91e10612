"""Fine-tuning of whole models on judged slates: what they learn from, the loop, and what each family of models does."""
