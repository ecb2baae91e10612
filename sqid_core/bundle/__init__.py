"""What a bundle is: its tables, labels, judgements, signals and manifest, loaded and written."""
