"""Evaluations that were saved one after another, over time and two by two."""
