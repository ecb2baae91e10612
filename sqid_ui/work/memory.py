"""What the C library keeps of memory that was let go.

glibc gives threads heaps of their own, eight a core, and takes arrays of up to 32 MB from them once such ones were let
go. Each run of a page is a new thread, so that after half an hour of searches 18 heaps, of 20 to 60 MB each and mostly
holes, were a fifth of the server's memory (docs/decisions/0048).
"""

from __future__ import annotations

import ctypes
import sys

# Of glibc's malloc.h.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
_LARGE = 1 << 20


def few_heaps() -> bool:
    """Two heaps for all threads, and pages of its own for whatever has a megabyte; whether the C library took it. To be
    called before there are threads."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False  # another C library
    return bool(mallopt(_ARENA_MAX, 2) and mallopt(_MMAP_THRESHOLD, _LARGE))
