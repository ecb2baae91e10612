"""Ranking one query: fusion, candidates, filters."""
