"""What the analysis pages work out: methods compared, groups of queries, weights by query, labels by rank, trust."""
