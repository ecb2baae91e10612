"""What the demo sells and what its shoppers ask for: traits, titles, wishes, labels. No pictures, no models."""
