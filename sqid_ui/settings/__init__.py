"""The one way a setting lives."""
