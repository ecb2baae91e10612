"""The Breakdown page: where a modality helps, by groups of queries."""
