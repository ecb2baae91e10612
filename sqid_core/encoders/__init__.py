"""Texts and pictures to unit rows, by the family of the model."""
