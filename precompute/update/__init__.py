"""A bundle whose products, texts or pictures changed: what is still true is kept, by content, the rest made anew."""
