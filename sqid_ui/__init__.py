"""The app: settings, caches, parts, shell, and a room a page."""
