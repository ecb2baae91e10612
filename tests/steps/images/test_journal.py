"""The journal of a run that stores pictures: what it holds is what a later run reads."""

from __future__ import annotations

from precompute.images.journal import Journal, finished
from precompute.images.outcome import DONE, GONE, UNREACHABLE, Outcome

STORED = Outcome(DONE, "ab/cd.webp", "digest", "content")


def test_final_outcomes_come_back(tmp_path):
    path = tmp_path / "journal.jsonl"
    assert finished(path) == {}
    with Journal(path, {"known": Outcome(GONE)}) as journal:
        journal.note("https://h.example/a b,c", STORED)
        journal.note("silent", Outcome(UNREACHABLE, reason="no answer"))
    assert finished(path) == {"known": Outcome(GONE), "https://h.example/a b,c": STORED}


def test_a_line_cut_off_by_kill_9_is_left_out(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path, {}) as journal:
        journal.note("first", STORED)
        journal.note("second", STORED)
    path.write_bytes(path.read_bytes()[:-1])
    assert finished(path) == {"first": STORED}
