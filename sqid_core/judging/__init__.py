"""Judging without a database: acts and what stands of them, books, agreement, label sets."""
