"""What asking costs, a budget that is never exceeded, and a run that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from judge_desk import SECRET, Desk
from model_server import Hang, ModelServer, Raw, says
from places import ROOT

from precompute.ask.spending import Prices

ONE_EACH = Prices(1_000_000, 1_000_000)  # a token costs 1


def test_a_budget_is_not_exceeded_and_ends_the_work(desk: Desk) -> None:
    with ModelServer(usual=says("Exact", tokens=(700, 50))) as server:
        one, work = desk.judge(server, most=1), desk.work(server.url)
        # What a question takes at most: its bytes, and the longest answer.
        largest = max(work.asking.most_tokens(work.asking.messages(each), 1000).sent for each in work.todo) + 1000
        report = desk.judge(server, prices=ONE_EACH, budget=largest + 3 * 750, at_once=8)
        assert (report.exhausted, one.exhausted) == (True, False)
        assert 3 <= report.labelled <= 6
        assert report.cost == 750 * report.labelled <= largest + 3 * 750
        assert report.left == 11 - report.labelled
        assert report.closed == ""
        assert len(server.asked) == 1 + report.labelled
        nothing = desk.judge(server, prices=ONE_EACH, budget=500)
        assert (nothing.labelled, nothing.exhausted, nothing.cost) == (0, True, 0)


def test_silence_counts_against_the_budget(desk: Desk) -> None:
    with ModelServer(usual=Hang()) as server:
        report = desk.judge(server, prices=ONE_EACH, budget=10_000, at_once=4, manner={"seconds": 0.3})
    assert (report.labelled, report.exhausted) == (0, True)
    assert 0 < report.cost <= 10_000
    assert 1 <= report.guessed <= 4


def test_what_costs_more_than_was_thought_is_expected_from_then_on(desk: Desk) -> None:
    with ModelServer(usual=says("Exact", tokens=(40_000, 50))) as server:
        report = desk.judge(server, prices=ONE_EACH, budget=100_000)
    assert (report.labelled, report.exhausted) == (2, True)


@pytest.mark.parametrize("tokens", [None, (-5, 3), ("many", 3), (10**30, 1), (True, 1)])
def test_answers_that_do_not_say_what_they_cost(desk: Desk, tokens: Any) -> None:
    with ModelServer(usual=says("Exact", tokens=tokens)) as server:
        report = desk.judge(server, most=2)
    assert (report.labelled, report.guessed) == (2, 2)
    assert report.tokens.back == 2000
    assert 2 * 1000 < report.tokens.sent < 2 * 5000


def test_a_kill_loses_nothing_that_was_stored(desk: Desk, tmp_path) -> None:
    enough = threading.Event()

    def slow_end(asked: dict[str, Any]) -> Raw | Hang:
        with lock:
            counts.append(1)
        if len(counts) > 6:
            enough.set()
            return Hang()
        return says("Exact")

    lock, counts = threading.Lock(), []
    with ModelServer(usual=slow_end) as server:
        words = ["judge", str(desk.bundle), "--book", "Lamps", "--endpoint", server.url, "--model", "tiny-model"]
        command = [sys.executable, "-m", "precompute", *words, "--in-flight", "2"]
        environment = {"SQID_STATE": str(desk.state), "SQID_JUDGE_KEY": SECRET, "PATH": ""}
        run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert enough.wait(120)
        while len(desk.acts("label")) < 5:
            assert run.poll() is None
        run.send_signal(signal.SIGKILL)
        assert SECRET.encode() not in run.communicate()[0]
        stored = len(desk.acts("label"))
        assert 5 <= stored <= 6
        server.usual = says("Exact")
        asked = len(server.asked)
        assert desk.judge(server).labelled == 12 - stored
        assert len(server.asked) - asked == 12 - stored
    assert len(desk.acts("label")) == len(desk.acts("explanation")) == 12
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
