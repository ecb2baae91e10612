"""Every cache of the app, a file a subject: made by the one rule in `keys`, shared by all visitors, bounded."""
