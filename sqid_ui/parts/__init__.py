"""What pages are made of: board, strip, cards, tables, figures, words."""
