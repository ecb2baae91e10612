"""Nearest-neighbour search over product vectors: the protocol and its engines."""
