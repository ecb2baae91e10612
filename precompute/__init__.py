"""From raw files to a bundle: python -m precompute VERB."""
