"""Pictures of every page, for the README and the eye: the real app over a demo, in a headless Chromium.

    python -m benchmarks.page_pictures DATA_FOLDER [OUT]

DATA_FOLDER holds a demo bundle with a map (`precompute map`). Writes OUT/PAGE.png (default: docs/pictures) at
1366 x 768, and with another OUT also at 1440, 768 and 390 pixels, light and dark, to be looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.app_server import ROOT, chromium, served

DOCS = ROOT / "docs" / "pictures"
PAGES = {
    "search": "",
    "compare": "compare",
    "queries": "queries?preset=fusion+hurts",
    "evaluate": "evaluate?view=weight",
    "signals": "evaluate?view=mix",
    "breakdown": "breakdown",
    "judge": "judge",
    "dataset": "dataset",
    "map": "dataset?details=map&query=1039",
    "about": "about",
}
README_SIZE = (1366, 768)
# What is told stands lower on some pages.
TALLER = {"map": 520}
# No script runs, nothing stands in for what is still coming, and no work beside the page is awaited.
_AT_REST = """() => document.querySelector("[data-test-script-state='notRunning']")
    && !document.querySelector("[data-testid=stSkeleton], [data-testid=stStatusWidget]")
    && !document.body.textContent.includes("hourglass_top")"""
OTHER_SIZES = ((1440, 900), (768, 1024), (390, 844))


def pictured(page: Any, address: str, path: Path) -> None:
    """One picture of a page that has come to rest."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_AT_REST, timeout=120_000)
    page.wait_for_function("() => [...document.images].every(image => image.complete)", timeout=60_000)
    page.wait_for_timeout(1_500)
    page.screenshot(path=str(path))
    print(path)


def main(data: Path, out: Path = DOCS) -> None:
    """All pages in all sizes that `out` gets."""
    out.mkdir(parents=True, exist_ok=True)
    looks = [(README_SIZE, "light")]
    if out != DOCS:
        looks += [(size, scheme) for size in OTHER_SIZES for scheme in ("light", "dark")]
    with served(data) as server, chromium() as browser:
        for (width, height), scheme in looks:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            for name, link in PAGES.items():
                ending = "" if out == DOCS else f"-{width}-{scheme}"
                page.set_viewport_size({"width": width, "height": height + TALLER.get(name, 0)})
                pictured(page, server.address + link, out / f"{name}{ending}.png")
            page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(Path, sys.argv[2:3]))
