"""Dragging the weight over 400 candidates, in the real app and a headless Chromium: frames and the work in each.

    python -m benchmarks.board [DEMO_BUNDLE] [SECONDS]

DEMO_BUNDLE lends its products, pictures and vectors (default: data/demo). Goals, on two quiet cores: script, style and
layout of a frame p95 <= 8 ms; frames median <= 17.5 ms, p95 <= 34 ms. Beside it an empty page under the same hand, for
what the machine itself takes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.app_server import chromium, served, wait_for_pictures
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

CANDIDATES = 400
# What the main thread does for a frame before it paints, by the trace's names.
WORK = ("EventDispatch", "FireAnimationFrame", "FunctionCall", "UpdateLayoutTree", "Layout")
CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline"
FRAMES = """() => {
    window.times = [];
    const note = time => { times.push(time); window.noting = requestAnimationFrame(note); };
    window.noting = requestAnimationFrame(note);
}"""


def deep_bundle(demo: Path, folder: Path) -> None:
    """Some of the demo's products, with one query for which all of them are judged."""
    whole = load_bundle(demo)
    rows = np.sort(np.random.default_rng(0).choice(len(whole.products), CANDIDATES, replace=False))
    products = pd.read_parquet(demo / "products.parquet").iloc[rows]
    queries = whole.queries.iloc[:1]
    labels = np.random.default_rng(1).choice(list(whole.scale.letters), CANDIDATES, p=[0.2, 0.3, 0.1, 0.4])
    judgements = pd.DataFrame(
        {"query_id": queries["query_id"].iloc[0], "product_id": products["product_id"], "label": labels}
    )
    with BundleWriter(folder) as writer:
        writer.write_tables("deep", products, queries, judgements, whole.scale)
        for name, spec in whole.manifest.encoders.items():
            writer.write_encoder(spec, np.array(whole.query_vectors(name)[:1]))
        for signal in whole.signals.values():
            vectors, present = np.array(signal.products[rows]), np.array(signal.present[rows])
            writer.write_signal(signal.name, signal.modality, signal.encoder, vectors, present)
    shutil.copytree(demo / "images", folder / "images")


def drag(page: Any, box: dict[str, float], seconds: float) -> None:
    """The pointer goes to and fro over a box for so many seconds, and tells so 125 times a second, as a mouse does."""
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    begun_s, begun, position = time.perf_counter(), page.evaluate("performance.now()"), 0.0
    for step in range(100_000):
        position = 0.5 + 0.48 * np.sin(step / 18)
        page.mouse.move(box["x"] + position * box["width"], y)
        time.sleep(max(0.0, begun_s + (step + 1) / 125 - time.perf_counter()))
        if step % 10 == 0 and page.evaluate("performance.now()") - begun > 1000 * seconds:
            break
    page.mouse.up()


def frame_times(page: Any, box: dict[str, float], seconds: float) -> np.ndarray:
    """Milliseconds from frame to frame during a drag."""
    page.evaluate(FRAMES)
    drag(page, box, seconds)
    times = np.array(page.evaluate("() => { cancelAnimationFrame(noting); return times }"))
    return np.diff(times)


def work_per_frame(browser: Any, page: Any, box: dict[str, float], seconds: float) -> np.ndarray:
    """Milliseconds of processor that script, style and layout take of the page's main thread, a frame."""
    browser.start_tracing(page=page, categories=CATEGORIES.split(","))
    drag(page, box, seconds)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    done = [e for e in events if e.get("ph") == "X" and e["name"] in WORK and e.get("dur")]
    frames = [e for e in done if e["name"] == "FireAnimationFrame"]
    threads = [(e["pid"], e["tid"]) for e in frames]
    main = max(set(threads), key=threads.count)
    starts = sorted(e["ts"] for e, thread in zip(frames, threads, strict=True) if thread == main)
    spent = np.zeros(len(starts))
    for event in _outermost([e for e in done if (e["pid"], e["tid"]) == main]):
        spent[max(np.searchsorted(starts, event["ts"], side="right") - 1, 0)] += event.get("tdur", event["dur"]) / 1000
    return spent


def _outermost(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those that do not lie inside another."""
    covered = -1.0
    for event in sorted(events, key=lambda e: (e["ts"], -e["dur"])):
        if event["ts"] >= covered:
            covered = event["ts"] + event["dur"]
            yield event


def row(what: str, values: np.ndarray) -> None:
    p50, p95 = np.percentile(values, [50, 95])
    print(f"{what:<52}{p50:8.1f}{p95:8.1f}{len(values):8,}")


def main(demo: str = "data/demo", seconds: str = "5") -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        deep_bundle(Path(demo), Path(folder) / "deep")
        with chromium() as browser, served(Path(folder)) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{server.address}?k=100")
            wait_for_pictures(page)
            page.wait_for_timeout(3000)
            box = page.get_by_role("slider", name="Image weight").bounding_box()
            drag(page, box, 1.0)
            page.wait_for_timeout(1500)
            frames = frame_times(page, box, float(seconds))
            page.wait_for_timeout(1000)
            work = work_per_frame(browser, page, box, float(seconds))
            empty = browser.new_page(viewport={"width": 1440, "height": 900})
            bare = frame_times(empty, box, float(seconds))
    print(f"{'ms':<52}{'median':>8}{'p95':>8}{'frames':>8}")
    row(f"script, style and layout a frame, {CANDIDATES} candidates", work)
    row(f"from frame to frame, {CANDIDATES} candidates", frames)
    row("from frame to frame, an empty page", bare)


if __name__ == "__main__":
    main(*sys.argv[1:])
