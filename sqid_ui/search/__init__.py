"""The Search page: a query, its rankings side by side, a weight to drag."""
