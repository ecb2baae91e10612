"""Frames to plotly figures, purely: the pages show them, the tests read them."""
