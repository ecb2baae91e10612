"""Every cache of the app: shared, read-only, bounded."""
