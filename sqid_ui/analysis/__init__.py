"""The analysis pages: Queries, Evaluate, Breakdown and Dataset."""
