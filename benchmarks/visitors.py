"""Many visitors at once, without browsers: each types a query of his own every so often, with the pool and without it.

    python -m benchmarks.visitors DEMO_BUNDLE [--visitors 50] [--every 10] [--minutes 30] [--storm 20] [--folder DIR]

A bundle of SQID's size that the demo's encoder reads is made from the demo's (kept in --folder if given). A server of
its own on 127.0.0.1 is measured twice, first with SQID_WORKERS=0 for --before minutes, then with the pool. A visitor is
a WebSocket that speaks Streamlit's protocol, all in one process whose own processor time is told. Seconds count from
when a query was due, so that waiting for the one before counts, to the end of the page's run. At the end visitors
(--storm) change settings on Evaluate without a pause. Exit status 1 where a goal is missed: p95 at most 2 s and at most
half of that without the pool, no error, at most 10 % more memory, p95 of searches at most 2 s in the storm.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.app_server import Server, served
from benchmarks.searches import p95, processor_s, resident_mb
from benchmarks.sqid_like import PRODUCTS, table
from benchmarks.visitors_bundle import write_large_demo

MOST_S, MOST_SHARE, MOST_GROWTH = 2.0, 0.5, 0.10
# Seconds in which the visitors come, and in which each has seen its first page.
_COMING, _PATIENCE = 10.0, 300.0
_WORDS = "red blue green black white yellow mug lamp chair clock shirt shoe backpack bowl scarf umbrella jacket".split()


@dataclass
class Seen:
    """seconds: of each answer; errors: one sentence each."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One session, in an event loop."""

    def __init__(self, address: str, page: str, wanted: str) -> None:
        self._stream = f"{address.replace('http', 'ws', 1)}_stcore/stream"
        self._page, self._wanted = page, wanted

    async def come(self) -> None:
        """Connects."""
        from websockets.asyncio.client import connect

        protocols: Any = ["streamlit"]
        self._socket: Any = await connect(
            self._stream, subprotocols=protocols, max_size=None, open_timeout=_PATIENCE, compression=None
        )

    async def ask(self, link: str) -> str:
        """Asks for the page at a link and waits until its run has ended; what was wrong with it, "" for nothing."""
        message, shown, wrong = BackMsg(), not self._wanted, ""
        message.rerun_script.query_string, message.rerun_script.page_name = link, self._page
        await self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await asyncio.wait_for(self._socket.recv(), _PATIENCE))
            element = answer.delta.new_element
            shown = shown or element.bidi_component.component_name == self._wanted
            if element.WhichOneof("type") == "exception":
                wrong = f"{element.exception.type}: {element.exception.message}"
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                return wrong or ("" if shown else f"no {self._wanted} came")

    async def leave(self) -> None:
        """Ends the session."""
        await self._socket.close()


async def types(address: str, number: int, every: float, until: float, coming: asyncio.Event, seen: Seen) -> None:
    """A visitor of Search: comes, and from the event on types a query of his own every so many seconds."""
    visitor = Visitor(address, "", "sqid_fusion_board")
    try:
        await visitor.come()
        first = await visitor.ask(f"q=visitor+{number}")
        seen.errors += [first] if first else []
        await coming.wait()
        due = time.perf_counter() + every * (number * 0.618 % 1)
        for turn in itertools.count():
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            if due > until:
                break
            words = _WORDS[number % 6], _WORDS[6 + (number + turn) % 11], f"{number} {turn}"
            wrong = await visitor.ask(urlencode({"q": " ".join(words)}))
            seen.seconds.append(time.perf_counter() - due)
            seen.errors += [wrong] if wrong else []
            due = max(due + every, time.perf_counter())
        await visitor.leave()
    except Exception as error:
        seen.errors.append(f"visitor {number}: {type(error).__name__}: {error}")


async def storms(address: str, number: int, until: float, seen: Seen) -> None:
    """A visitor of Evaluate who changes a setting as soon as he sees the last."""
    visitor = Visitor(address, "evaluate", "")
    try:
        await visitor.come()
        while time.perf_counter() < until:
            turn = len(seen.seconds)
            changed = {"w": f"{(number * 37 + turn * 11) % 100 / 100:.2f}", "rrf_k": 1 + (number * 31 + turn) % 900}
            changed |= {"method": ["weighted scores", "weighted ranks", "rrf"][turn % 3]}
            changed |= {"norm": "z-score"} if turn % 2 else {}
            begun = time.perf_counter()
            wrong = await visitor.ask(urlencode(changed))
            seen.seconds.append(time.perf_counter() - begun)
            seen.errors += [wrong] if wrong else []
        await visitor.leave()
    except Exception as error:
        seen.errors.append(f"storm {number}: {type(error).__name__}: {error}")


@dataclass(frozen=True)
class Measured:
    """Seconds of searches and errors; the same while Evaluate is stormed, and how many of its pages came. memory: MB
    when all had come and at the end. processor: cores that the server and the generator had, on average."""

    calm: Seen
    storm: Seen
    evaluated: Seen
    memory: tuple[float, float]
    processor: tuple[float, float]


async def measure(server: Server, visitors: int, every: float, minutes: float, storm: int) -> Measured:
    """The calm, and then the storm for a fifth of its time or a minute."""
    calm, during = Seen(), Seen()
    ready = asyncio.Event()
    one = Visitor(server.address, "", "sqid_fusion_board")
    await one.come()
    for words in ("red mug", "blue lamp"):
        if wrong := await one.ask(urlencode({"q": words})):
            raise SystemExit(f"the first search failed: {wrong}")
    length = minutes * 60
    begun = time.perf_counter() + _COMING
    async with asyncio.TaskGroup() as group:
        for number in range(visitors):
            group.create_task(types(server.address, number, every, begun + length, ready, calm))
            await asyncio.sleep(_COMING / visitors)
        before = processor_s(server), time.process_time()
        memory = resident_mb(server)
        begun = time.perf_counter()
        ready.set()
    spent = time.perf_counter() - begun
    used = (processor_s(server) - before[0]) / spent, (time.process_time() - before[1]) / spent
    after = resident_mb(server)
    evaluated = [Seen() for _ in range(storm)]
    if storm:
        ready.clear()
        until = time.perf_counter() + _COMING + max(length / 5, 60)
        async with asyncio.TaskGroup() as group:
            for number in range(visitors):
                group.create_task(types(server.address, number + visitors, every, until, ready, during))
                await asyncio.sleep(_COMING / visitors)
            ready.set()
            for number, seen in enumerate(evaluated):
                group.create_task(storms(server.address, number, until, seen))
    await one.leave()
    whole = Seen([s for each in evaluated for s in each.seconds], [e for each in evaluated for e in each.errors])
    return Measured(calm, during, whole, (memory, after), used)


def run(data: Path, workers: str, args: argparse.Namespace, minutes: float) -> Measured:
    """Against a server of its own. workers: SQID_WORKERS, "" for the usual."""
    before = dict(os.environ)
    os.environ.update({"SQID_STATE": str(data.parent / "state")} | ({"SQID_WORKERS": workers} if workers else {}))
    try:
        with served(data) as server:
            return asyncio.run(measure(server, args.visitors, args.every, minutes, args.storm))
    finally:
        os.environ.clear()
        os.environ.update(before)


def row(name: str, found: Measured) -> tuple[str, ...]:
    """Of the table."""

    def said(seen: Seen) -> tuple[str, str, str]:
        ordered = sorted(seen.seconds) or [float("nan")]
        return f"{len(seen.seconds)}", f"{ordered[len(ordered) // 2]:.2f}", f"{p95(ordered):.2f}"

    errors = len(found.calm.errors) + len(found.storm.errors) + len(found.evaluated.errors)
    cells = *said(found.calm), *said(found.storm), *said(found.evaluated)
    memory, cores = f"{found.memory[0]:.0f} {found.memory[1]:.0f}", f"{found.processor[0]:.2f} {found.processor[1]:.2f}"
    return name, *cells, str(errors), memory, cores


def missed(found: Measured, before: Measured | None) -> list[str]:
    """The goals that were missed."""
    own = p95(found.calm.seconds)
    goals = {
        f"p95 of {own:.2f} s": own <= MOST_S,
        "errors": not (found.calm.errors or found.storm.errors or found.evaluated.errors),
        "memory": found.memory[1] <= found.memory[0] * (1 + MOST_GROWTH),
        "p95 in the storm": not found.storm.seconds or p95(found.storm.seconds) <= MOST_S,
        "half of what it was": before is None or own <= MOST_SHARE * p95(before.calm.seconds),
    }
    return [goal for goal, reached in goals.items() if not reached]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("demo", type=Path, help="a demo bundle (python -m precompute demo --out DIR)")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between a visitor's queries")
    parser.add_argument("--minutes", type=float, default=30.0, help="with the pool")
    parser.add_argument("--before", type=float, default=2.0, help="minutes without it; 0 leaves that out")
    parser.add_argument("--storm", type=int, default=20, help="visitors of Evaluate at the end; 0 for none")
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--folder", type=Path, help="keep the bundle here and use it again (default: temporary)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sqid-visitors-") as temporary:
        data = (args.folder or Path(temporary)) / "bundles"
        if not (data / "large" / "manifest.json").exists():
            write_large_demo(args.demo, data / "large", args.products)
        before = run(data, "0", args, args.before) if args.before else None
        after = run(data, "", args, args.minutes)
    names = ("searches", "p50", "p95")
    header = ("", *names, *(f"storm {name}" for name in names), "evaluated", "p50", "p95")
    rows = [row(name, found) for name, found in (("no pool", before), ("pool", after)) if found]
    print(table((*header, "errors", "MB from to", "cores: server, this"), rows))
    for found in filter(None, (before, after)):
        for error in sorted({*found.calm.errors, *found.storm.errors, *found.evaluated.errors})[:5]:
            print(f"error: {error}")
    if gone := missed(after, before):
        raise SystemExit(f"missed: {', '.join(gone)}")


if __name__ == "__main__":
    main()
