"""Build the demo's bundle: some 2,000 drawn products, 200 judged queries, both signals of a tiny CLIP, HNSW indexes.

Takes less than a minute. The same seed gives the same bytes on the same machine."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

EXAMPLE = "python -m precompute demo --out data/demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--out", type=Path, default=Path("data/demo"), help="the bundle's folder (default data/demo)")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws another shop (default 0)")


def run(args: argparse.Namespace) -> int:
    """Prints a line such as "progress 0.42 Drawing pictures" for each step: the app shows them."""
    from precompute.demo.build import build_demo
    from precompute.work.pool import spare_the_cores

    # A polite end (the app closes, a container stops) must tidy up as Ctrl-C does.
    signal.signal(signal.SIGTERM, _leave)
    spare_the_cores()
    build_demo(args.out, args.seed, tell)
    return 0


def tell(share: float, text: str) -> None:
    """One line of progress on standard output."""
    print(f"progress {share:.3f} {text}", flush=True)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
