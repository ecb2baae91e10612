"""How long the analysis pages take on a bundle: the first view of each, and a changed setting, as server time.

    python -m benchmarks.page_times BUNDLE_FOLDER [--runs 3]

Runs the app's script as Streamlit does, without a browser: what is timed is a whole run of the page. The first view is
in a new process per page with the bundle loaded already, as its loading is not the page's; after it every setting in
turn is changed to a value that was not there before. Peak memory is beside the vectors, which are mapped from disk.
Goals on a SQID-sized bundle (`python -m benchmarks.sqid_scale --folder DIR --steps import`): first view within 3 s, a
changed setting within 400 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.sqid_like import table

ROOT = Path(__file__).parents[1]
# Each page's settings and values to change them to, one run each.
CHANGES: dict[str, dict[str, list[Any]]] = {
    "queries": {
        "w": [0.3, 0.7],
        "method": ["weighted ranks"],
        "preset": ["both fail", "fusion hurts"],
        "by": ["query length"],
        "find": ["a"],
        "map": ["points"],
    },
    "evaluate": {
        "w": [0.3, 0.7],
        "measure": ["rr"],
        "baseline": ["random order"],
        "norm": ["z-score"],
        "missing": ["worst"],
        "gains": ["esci-script"],
        "method": ["weighted ranks"],
        "view": ["weight", "labels", "missing", "per-query"],
    },
    "breakdown": {
        "w": [0.3],
        "group-by": ["query length", "label mix"],
        "and-by": ["source"],
        "method": ["weighted ranks"],
    },
    "dataset": {"details": ["labels", "pictures", "manifest"]},
}


def measure(page: str) -> dict[str, Any]:
    """In this process: the first view in seconds, each changed setting in seconds, the anonymous memory added."""
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    at.run()  # opens the bundle, on the Search page
    at.switch_page("pages/about.py").run()
    for thread in threading.enumerate():
        if thread.name.startswith("warm"):  # the encoder, which no analysis page needs
            thread.join()
    before = anonymous_memory()
    first = _timed(lambda: at.switch_page(f"pages/{page}.py").run())
    _check(at)
    changed = {}
    for name, values in CHANGES[page].items():
        seconds = []
        for value in values:
            time.sleep(1.5)  # work beside the page, begun by the run before, is over
            at.run()
            widget = next((w for w in _widgets(at) if w.key == f"analysis:{name}"), None)
            if widget is None:
                continue
            widget.set_value(value)
            seconds.append(_timed(at.run))
            _check(at)
        if seconds:
            changed[name] = max(seconds)
    return {"first": first, "changed": changed, "memory": anonymous_memory() - before}


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """Wall time and processor time of a run, in seconds; the second also counts work that goes on beside the page."""
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


def _widgets(at: Any) -> list[Any]:
    kinds = ("slider", "selectbox", "text_input", "button_group", "toggle", "select_slider")
    return [widget for kind in kinds for widget in at.get(kind)]


def _check(at: Any) -> None:
    if at.exception:
        raise SystemExit(f"the page raised {at.exception[0].message}")


def anonymous_memory() -> int:
    """Bytes that belong to this process alone: mapped vectors do not count."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--page", choices=CHANGES, help="measure one page in this process and print JSON")
    args = parser.parse_args()
    if args.page:
        print(json.dumps(measure(args.page)))
        return
    with tempfile.TemporaryDirectory() as data:
        (Path(data) / "bundle").symlink_to(args.bundle.resolve())
        rows = [row for page in CHANGES for row in _rows(page, args, data)]
    print(table(("page", "what", "wall, s", "processor, s", "memory"), rows))


def _rows(page: str, args: argparse.Namespace, data: str) -> list[tuple[str, ...]]:
    command = [sys.executable, "-m", "benchmarks.page_times", str(args.bundle), "--page", page]
    found = []
    for _ in range(args.runs):
        done = subprocess.run(
            command,
            env=os.environ | {"SQID_DATA": data, "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        found.append(json.loads(done.stdout.splitlines()[-1]))
    memory = max(each["memory"] for each in found)
    rows = [(page, "first view", *_medians(each["first"] for each in found), f"+{memory / 1e6:.0f} MB")]
    for name in found[0]["changed"]:
        rows.append((page, f"changed {name}", *_medians(each["changed"][name] for each in found), ""))
    return rows


def _medians(times: Iterable[tuple[float, float]]) -> tuple[str, ...]:
    return tuple(f"{statistics.median(values):.2f}" for values in zip(*times, strict=True))


if __name__ == "__main__":
    main()
