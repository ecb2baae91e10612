"""How good the committed model is: typed queries that must find their kind, and the table of its card."""
