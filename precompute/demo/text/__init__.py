"""The demo model's texts: the captions it learns from and the tokenizer that cuts them."""
