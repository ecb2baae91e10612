"""Other people's files, as frames."""
