"""The Compare page: two runs, the queries on which they differ most, and what makes the difference."""
