"""Judging: books of pairs, their pairs one after another, and the way that acts come to the store."""
