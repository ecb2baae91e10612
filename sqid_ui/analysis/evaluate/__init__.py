"""The Evaluate page: which method is best, is the difference real, and which weight should it have."""
