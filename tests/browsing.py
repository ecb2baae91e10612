"""The real app in a real browser, for the tests that need both."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.metrics import ndcg
from sqid_core.ranking import candidates as search
from sqid_core.ranking.fusion import Fusion

ROOT = Path(__file__).parents[1]
CARDS = ".column[data-key='{}'] .card"
FIRST_CARD = ".column .card"
# What a page says of a fault of its own.
UNFORESEEN = ".st-key-unforeseen, [data-testid='stException']"
PATIENCE = 60_000
# No script runs, and nothing glides or fades; what turns for ever, such as a spinner, does not count.
_SETTLED = """() => document.querySelector("[data-test-script-state='notRunning']") && document.getAnimations().every(
    each => each.playState !== 'running' || each.effect.getComputedTiming().iterations === Infinity)"""


def chromium() -> str:
    """The browser's program; without one the tests are skipped, or fail where SQID_REQUIRE_BROWSER is set."""
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found:
        return found
    reason = "no Chromium here: install one, or name it in CHROMIUM"
    if os.environ.get("SQID_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(root: Path, **environment: str) -> Iterator[str]:
    """The app over a data folder, at a port of its own; environment: more of it."""
    with started(root, free_port(), **environment) as (address, _):
        yield address


@contextmanager
def started(
    root: Path, port: int, *options: str, base: str = "", script: Path = ROOT / "app.py", **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app at a port, where one that was killed may have been before, and its process. options: of Streamlit. base:
    the path that it is below. script: another app in its place."""
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    process = subprocess.Popen(
        [*command, "--server.address=127.0.0.1", f"--server.baseUrlPath={base}", *options],
        cwd=ROOT,
        env=os.environ | {"SQID_DATA": str(root), "HF_HUB_OFFLINE": "1"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}/{base}/" if base else f"http://127.0.0.1:{port}/"
        wait_for(f"{address}_stcore/health", process)
        yield address, process
    finally:
        process.terminate()
        process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not start")


@contextmanager
def visitor(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """A function that opens the app with a link; a fault where a dialog opens, a page or its script raises, or asks
    another host."""
    opened, faults = [], []

    def go(
        link: str = "", width: int = 1440, height: int = 900, wait_for: str = CARDS.format("fused"), **options: Any
    ) -> Any:
        # Without a graphics card what glides or turns is drawn by the processor: most of what a page costs here.
        asked = {"reduced_motion": "reduce"} | options
        page = browser.new_page(viewport={"width": width, "height": height}, **asked)
        opened.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url) if is_elsewhere(request.url) else None)
        page.goto(address + link)
        page.wait_for_selector(wait_for)
        return page

    try:
        yield go
    finally:
        for page in (each for each in opened if not each.is_closed()):
            faults += page.locator(UNFORESEEN).all_inner_texts()
            page.close()
        # Also beside a test's own failure, which a script that raised explains.
        assert not faults


def is_elsewhere(url: str) -> bool:
    """Whether an address leads to another machine."""
    return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1"


def settled(page: Any) -> None:
    """Waits until the page has loaded, the script on the server has run and nothing moves."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_SETTLED)


def becomes(page: Any, read: Callable[[], Any], wanted: Any) -> None:
    """Waits until `read` gives what is wanted; where it never does, fails with what it gives instead."""
    pause = 50
    for _ in range(PATIENCE // pause):
        if read() == wanted:
            return
        page.wait_for_timeout(pause)
    found = read()
    assert found == wanted, f"{found!r} instead of {wanted!r}"


def fused_slate(dataset: Dataset, query_id: str, weight: float) -> tuple[list[str], float]:
    """The core's fused order of a slate, as far as the page shows cards, and its NDCG."""
    fusion = Fusion(image_weight=weight)
    candidates = search.slate_candidates(dataset, dataset.judgements.row_of(query_id), fusion)
    ranking = search.fused_ranking(candidates, fusion, len(candidates.rows))
    gains = dataset.scale.gains()[candidates.labels]
    return list(dataset.products["product_id"].iloc[ranking.rows[:20]]), float(ndcg(gains[ranking.positions]))


def link_of(page: Any) -> dict[str, str]:
    """The parameters of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
