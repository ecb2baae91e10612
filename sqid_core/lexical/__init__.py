"""Words: how a text becomes some, and how well products fit them by BM25. Knows no bundle."""
