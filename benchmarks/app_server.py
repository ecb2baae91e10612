"""The real app as a process of its own, and a browser that looks at it: what the app's benchmarks share."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FUSED_CARDS = ".column[data-key='fused'] .card"


@dataclass(frozen=True)
class Server:
    """A running app: its address, its process id, and the seconds from the command to its first answer."""

    address: str
    pid: int
    started_s: float


@contextmanager
def served(data: Path, *options: str) -> Iterator[Server]:
    """`streamlit run app.py` over the bundles in `data`; ended with the block. options: more of Streamlit's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    begun = time.perf_counter()
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    process = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1", *options],
        cwd=ROOT,
        env=os.environ | {"SQID_DATA": str(data.resolve()), "HF_HUB_OFFLINE": "1", "SQID_TEXTS_A_MINUTE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}/_stcore/health"):
            if process.poll() is not None or time.perf_counter() - begun > 60:
                raise SystemExit("the app did not start")
            time.sleep(0.02)
        yield Server(f"http://127.0.0.1:{port}/", process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium: the one that CHROMIUM names, or the system's."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise SystemExit("no Chromium here: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def wait_for_pictures(page: Any) -> None:
    """Until the first card of the fused ranking shows its picture."""
    page.wait_for_selector(f"{FUSED_CARDS} img", timeout=60_000)
    first = page.locator(f"{FUSED_CARDS} img").first.element_handle()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=first)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False
