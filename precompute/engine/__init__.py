"""Asking a live search engine."""
