"""Heaps of the C library: few, however many threads there are."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

# Sixteen threads that hold memory at once; then the C library tells of its heaps.
_HEAPS = """
import ctypes, sys, threading
from sqid_ui.work.memory import few_heaps
asked = few_heaps() if sys.argv[1] == "few" else True
there = threading.Barrier(16)
def work():
    held = [bytearray(1000) for _ in range(100)]
    there.wait()
threads = [threading.Thread(target=work) for _ in range(16)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
sys.exit(not asked)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_many_threads_have_two_heaps() -> None:
    def heaps(how: str) -> int:
        ran = subprocess.run([sys.executable, "-c", _HEAPS, how], capture_output=True, text=True, check=True)
        return ran.stdout.count("<heap nr=")

    assert heaps("few") <= 2 < heaps("many")
