"""The Dataset page: what the bundle is, and whether to trust it."""
