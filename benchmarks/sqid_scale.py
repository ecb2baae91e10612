"""SQID at full size without SQID: wall time and peak memory of import, index, verify and evaluate.

    python -m benchmarks.sqid_scale [--scale 0.05] [--steps import,verify,evaluate] [--folder DIR]

Writes files of the real sizes and formats (sqid_raw.py; about 2.3 GB) into a temporary folder, runs each verb as a
process of its own, and removes everything. Goal: import within 90 s and 2.5 GB on 2 cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sqid_like import table

STEPS = ("import", "index", "verify", "evaluate")
# At full size evaluate compares with the published figures, which made-up vectors cannot meet: it ends with 1.
FINE = {"evaluate": (0, 1)}


@dataclass(frozen=True)
class Cost:
    """What a process took. peak_bytes: its largest resident set, mapped files included."""

    seconds: float
    peak_bytes: int
    code: int


def cost(command: Sequence[str]) -> Cost:
    """Runs a command to its end. This process must stay small: a child starts with its parent's peak."""
    started = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(time.perf_counter() - started, usage.ru_maxrss * 1024, child.returncode)


def commands(raw: Path, bundle: Path) -> dict[str, list[str]]:
    """The verbs, by name."""
    files = {
        "--examples": "shopping_queries_dataset_examples.parquet",
        "--products": "shopping_queries_dataset_products.parquet",
        "--sources": "shopping_queries_dataset_sources.csv",
        "--image-urls": "product_image_urls.parquet",
        "--query-features": "query_features.parquet",
        "--product-features": "product_features.parquet",
    }
    options = [word for option, name in files.items() for word in (option, str(raw / name))]
    verb = [sys.executable, "-m", "precompute"]
    return {
        "import": [*verb, "import", *options, "--out", str(bundle)],
        "index": [*verb, "index", str(bundle)],
        "verify": [*verb, "verify", str(bundle)],
        "evaluate": [*verb, "evaluate", str(bundle)],
    }


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(folder: Path, scale: float, steps: Sequence[str]) -> list[tuple[str, ...]]:
    raw, bundle = folder / "raw", folder / "bundle"
    if not raw.exists():
        made = cost([sys.executable, "-m", "benchmarks.sqid_raw", str(raw), "--scale", str(scale)])
        if made.code:
            raise SystemExit(f"the raw files could not be written ({made.code})")
        print(f"made {size(raw) / 1e9:.2f} GB of files in {made.seconds:.0f} s", flush=True)
    rows = []
    for step in steps:
        spent = cost(commands(raw, bundle)[step])
        rows.append(
            (step, f"{spent.seconds:.1f} s", f"{spent.peak_bytes / 1e9:.2f} GB", f"{size(bundle) / 1e9:.2f} GB")
        )
        if spent.code not in FINE.get(step, (0,)):
            raise SystemExit(f"{step} ended with {spent.code}")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the real size (default 1)")
    parser.add_argument("--steps", default=",".join(STEPS), help=f"default {','.join(STEPS)}")
    parser.add_argument("--folder", type=Path, help="keep the files here and use them again (default: temporary)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sqid-scale-") as temporary:
        rows = measure(args.folder or Path(temporary), args.scale, args.steps.split(","))
    print("\n" + table(("step", "wall", "peak memory", "bundle"), rows))


if __name__ == "__main__":
    main()
