"""What reruns and visitors cost in memory: 500 reruns and 20 sessions after 50 reruns of warm-up, in one process.

    python -m benchmarks.app_memory [DATA_FOLDER] [RERUNS] [SESSIONS]

Fails (exit status 1) where they add more than 5 % or more than 60 MB of resident memory.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.app_server import FUSED_CARDS, chromium, served, wait_for_pictures

WARM_UP = 50
MOST_SHARE, MOST_MB = 0.05, 60


def rerun(page: Any, times: int) -> None:
    """Moves the weight back and forth, and waits for each rerun to reach the link."""
    slider = page.get_by_role("slider", name="Image weight")
    slider.focus()
    for step in range(times):
        before = page.url
        page.keyboard.press("ArrowRight" if step % 20 < 10 else "ArrowLeft")
        page.wait_for_function("before => location.href !== before", arg=before)


def search(page: Any, text: str) -> None:
    """Types a query, so that the encoder is loaded, and goes back to the judged one."""
    page.get_by_role("searchbox").fill(text)
    page.keyboard.press("Enter")
    # A typed query's cards have no labels: they stand only when the encoder has been loaded and used.
    page.locator(f"{FUSED_CARDS} .chip").first.wait_for(state="hidden", timeout=120_000)
    page.get_by_role("searchbox").fill("")
    page.keyboard.press("Enter")
    page.locator(f"{FUSED_CARDS} .chip").first.wait_for(state="visible")


def resident_mb(pid: int) -> float:
    """Resident memory, once the last run is over."""
    time.sleep(2)
    return float(psutil.Process(pid).memory_info().rss) / 2**20


def main(data: str = "data", reruns: str = "500", sessions: str = "20") -> None:
    """Prints the table."""
    with chromium() as browser, served(Path(data)) as server:
        page = browser.new_page()
        page.goto(server.address)
        wait_for_pictures(page)
        search(page, "red mug")
        rerun(page, WARM_UP)
        warm = resident_mb(server.pid)
        rerun(page, int(reruns))
        after_reruns = resident_mb(server.pid)
        for _ in range(int(sessions)):
            visitor = browser.new_page()
            visitor.goto(server.address)
            wait_for_pictures(visitor)
        after_sessions = resident_mb(server.pid)
    added = after_sessions - warm
    print(f"after {WARM_UP} reruns of warm-up    {warm:8.1f} MB")
    print(f"after {reruns} more reruns       {after_reruns:8.1f} MB")
    print(f"with {sessions} more sessions open  {after_sessions:8.1f} MB")
    print(f"added                      {added:8.1f} MB ({added / warm:.1%}); at most {MOST_MB} MB and {MOST_SHARE:.0%}")
    if added > MOST_MB or added / warm > MOST_SHARE:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
