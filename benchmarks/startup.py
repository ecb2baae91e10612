"""How long until a visitor sees a ranking: from the command, and from the moment the server is up.

    python -m benchmarks.startup [DATA_FOLDER] [RUNS]

DATA_FOLDER holds at least one bundle with pictures (default: data). Beside it, `import open_clip` alone.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.app_server import chromium, served, wait_for_pictures


def import_seconds() -> float:
    """A new interpreter that only imports open_clip."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import open_clip"], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def first_view_seconds(data: Path) -> tuple[float, float]:
    """(command to server up, server up to a ranking with pictures). The browser's own start is not counted."""
    with chromium() as browser, served(data) as server:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begun = time.perf_counter()
        page.goto(server.address)
        wait_for_pictures(page)
        return server.started_s, time.perf_counter() - begun


def main(data: str = "data", runs: str = "3") -> None:
    """Prints the table."""
    measured = [first_view_seconds(Path(data)) for _ in range(int(runs))]
    up, shown = (statistics.median(times) for times in zip(*measured, strict=True))
    imported = statistics.median(import_seconds() for _ in range(int(runs)))
    for what, seconds in (
        ("command to server up", up),
        ("server up to ranking with pictures", shown),
        ("command to ranking with pictures", up + shown),
        ("import open_clip alone", imported),
    ):
        print(f"{what:<36}{seconds:6.2f} s   (median of {runs})")


if __name__ == "__main__":
    main(*sys.argv[1:])
