"""The pool of processes ends with whatever ends its work, at any moment of its own start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children

import pytest
from places import ROOT

from precompute.work.pool import process_pool


def test_an_error_ends_workers_in_the_midst_of_their_work():
    with pytest.raises(KeyboardInterrupt), process_pool() as pool:
        pool.submit(os.getpid).result()
        pool.submit(time.sleep, 3600)
        assert active_children()
        raise KeyboardInterrupt
    assert not active_children()


def test_all_work_is_done_where_nothing_fails():
    with process_pool() as pool:
        found = [pool.submit(pow, 2, i) for i in range(20)]
    assert [each.result() for each in found] == [2**i for i in range(20)]


PROGRAM = """
import signal, sys
from precompute.work.pool import process_pool
signal.signal(signal.SIGALRM, lambda *_: sys.exit(7))
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
with process_pool() as pool:
    for n in range(10**9):
        pool.submit(pow, 2, 3).result()
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer that interrupts")
@pytest.mark.parametrize("moment", [0.002, 0.004, 0.007, 0.01, 0.02, 0.05, 0.1, 0.3])
def test_a_signal_at_any_moment_of_the_start_ends_it(moment):
    ended = subprocess.run([sys.executable, "-c", PROGRAM, str(moment)], cwd=ROOT, capture_output=True, timeout=120)
    assert ended.returncode == 7, ended.stderr.decode()
