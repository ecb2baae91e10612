"""What a typed search costs the server, alone and with many visitors, and what 1,000 of them do to its memory; with and
without Streamlit's full garbage collection after every run (runner.postScriptGC).

    python -m benchmarks.searches [DATA_FOLDER] [SEARCHES] [VISITORS]
    python -m benchmarks.searches walk [DATA_FOLDER] [STEPS]

No browser: a visitor is a WebSocket that asks for the page with another query in its link and waits for its last word.
The second goes through the queries that fusion hurts with J, on Search and on Compare: milliseconds from the key to the
next query's lists (goal 150 of server time) and to the end of the run, for one who looks for a second each time and for
one who holds the key down.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.app_server import Server, served
from sqid_core.analysis.query_sets import SetSpec, write_set

_WORDS = "red blue green black white mug lamp chair clock shirt shoe backpack bowl scarf umbrella jacket".split()
_WARM_UP = 10


def query(number: int) -> str:
    """Another query for each number below 3,600."""
    first, second, third = number % 5, number // 5 % 11 + 5, number // 55
    return f"{_WORDS[first]} {_WORDS[second]} {third}"


class Visitor:
    """One session. `search` gives the seconds until the page's run has ended."""

    def __init__(self, address: str) -> None:
        from websockets.sync.client import connect

        stream = f"{address.replace('http', 'ws', 1)}_stcore/stream"
        self._closing = ExitStack()
        self._socket: Any = self._closing.enter_context(
            connect(stream, subprotocols=["streamlit"], max_size=None, open_timeout=60)  # type: ignore[list-item]
        )

    def search(self, text: str) -> float:
        """Asks for the page of a typed query."""
        message = BackMsg()
        message.rerun_script.query_string = f"q={text.replace(' ', '+')}"
        begun = time.perf_counter()
        for _ in self.answers(message):
            pass
        return time.perf_counter() - begun

    def answers(self, message: BackMsg) -> Iterator[ForwardMsg]:
        """Asks for a run of the page; what the server sends until that has ended."""
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self._socket.recv(timeout=300))
            yield answer
            if answer.WhichOneof("type") == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise SystemExit("the page cannot be run")
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return

    def leave(self) -> None:
        """Ends the session."""
        self._closing.close()


class Walker(Visitor):
    """A visitor of a page with a set of queries, who goes on with J."""

    def __init__(self, address: str, page: str, link: str) -> None:
        super().__init__(address)
        self._page, self._link, self._bar, self._steps = page, link, "", 0
        self._run()
        if not self._bar:
            raise SystemExit(f"no set of queries is walked at {page}?{link}")

    def step(self) -> tuple[float, float]:
        """Presses J; milliseconds until the lists are there, and until the page's run has ended."""
        self._steps += 1
        return self._run()

    def _run(self) -> tuple[float, float]:
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_name = self._link, self._page
        if self._bar:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = self._bar, json.dumps({"steps": self._steps})
        begun, listed = time.perf_counter(), float("nan")
        for answer in self.answers(message):
            kind, part = answer.WhichOneof("type"), answer.delta.new_element.bidi_component
            if kind == "page_info_changed":
                self._link = answer.page_info_changed.query_string
            elif kind == "delta" and part.component_name == "sqid_walk":
                self._bar = part.id
            elif kind == "delta" and part.component_name == "sqid_fusion_board":
                listed = time.perf_counter() - begun
        return listed * 1e3, (time.perf_counter() - begun) * 1e3


def resident_mb(server: Server) -> float:
    return float(psutil.Process(server.pid).memory_info().rss) / 2**20


def processor_s(server: Server) -> float:
    times = psutil.Process(server.pid).cpu_times()
    return float(times.user + times.system)


def alone(server: Server, searches: int) -> tuple[list[float], float, list[float]]:
    """Seconds of each search, seconds of the processor a search, and the memory after each tenth of them."""
    visitor, memory, seconds = Visitor(server.address), [], []
    for number in range(_WARM_UP):
        visitor.search(query(3_000 + number))
    before = processor_s(server)
    for number in range(searches):
        seconds.append(visitor.search(query(number)))
        if (number + 1) % max(searches // 10, 1) == 0:
            memory.append(resident_mb(server))
    each = (processor_s(server) - before) / searches
    visitor.leave()
    return seconds, each, memory


def together(server: Server, visitors: int) -> list[float]:
    """Seconds of each of three searches of many visitors at once."""

    def visit(number: int) -> list[float]:
        visitor = Visitor(server.address)
        found = [visitor.search(query(2_000 + number * 3 + turn)) for turn in range(3)]
        visitor.leave()
        return found

    with ThreadPoolExecutor(visitors) as pool:
        return [each for found in pool.map(visit, range(visitors)) for each in found]


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def walk(data: str = "data", steps: str = "40") -> None:
    """Prints a row a page and a way to walk."""
    print("page, way              to the lists, ms: median p95   to the end, ms: median p95")
    links = (("", urlencode({"set": write_set(SetSpec(preset="fusion hurts"))})), ("compare", ""))
    with served(Path(data)) as server:
        Walker(server.address, *links[0]).leave()
        time.sleep(15)  # The server has opened the bundle; the encoder's libraries are read beside its first view.
        for (page, link), (way, pause) in product(links, (("looks", 1.0), ("holds the key", 0.0))):
            walker = Walker(server.address, page, link)
            times = []
            for _ in range(_WARM_UP):
                walker.step()
            for _ in range(int(steps)):
                time.sleep(pause)
                times.append(walker.step())
            walker.leave()
            listed, ended = zip(*times, strict=True)
            medians = [f"{statistics.median(each):18.0f} {p95(each):10.0f}" for each in (listed, ended)]
            print(f"{page or 'search':8} {way:14}", *medians, flush=True)


def main(data: str = "data", searches: str = "1000", visitors: str = "30") -> None:
    """Prints a row a setting."""
    print("full collection  a search  p95  processor a search  memory from to  visitors at once: median p95")
    for setting in ("true", "false"):
        with served(Path(data), f"--runner.postScriptGC={setting}") as server:
            seconds, each, memory = alone(server, int(searches))
            many = together(server, int(visitors))
        print(
            f"{setting:15}  {statistics.median(seconds):.3f} s  {p95(seconds):.3f} s  {each:.3f} s"
            f"  {memory[0]:.0f} {memory[-1]:.0f} MB  {visitors}: {statistics.median(many):.2f} s {p95(many):.2f} s"
        )


if __name__ == "__main__":
    walk(*sys.argv[2:]) if sys.argv[1:2] == ["walk"] else main(*sys.argv[1:])
