"""The Queries page: every judged query, on a map and in a table."""
