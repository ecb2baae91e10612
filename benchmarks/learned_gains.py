"""What learners gain over one cross-validated weight, out-of-fold: python -m benchmarks.learned_gains [BUNDLE …]
[--demo-seeds 401,402,403,404,405] [--learners linear,lambdamart]

Bundles are copied, and demos built, in a folder that is gone afterwards. Intervals are those of the verb `learn`; the
last rows are of all demos' queries together, each against the weight of its own demo.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.sqid_like import table
from precompute.demo.build import build_demo
from precompute.steps.learn import Wanted, learn
from sqid_core.errors import InputError
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.learning.learners import LEARNERS

# Drawn for this alone: no learner, wording or fusion was chosen by them.
SEEDS = 401, 402, 403, 404, 405


def said(comparison: RunComparison) -> tuple[str, str, str]:
    """The means of one weight and of the learner, and the difference with its interval."""
    low, high = comparison.interval
    return (
        f"{comparison.mean_a:.4f}",
        f"{comparison.mean_b:.4f}",
        f"{comparison.difference:+.4f} [{low:+.4f}, {high:+.4f}]",
    )


def gains(folder: Path, learners: Sequence[str]) -> Iterator[tuple[str, RunComparison | None, str]]:
    """(learner, its queries beside one weight's, seconds) for each; None and why where it cannot learn here."""
    for learner in learners:
        began = time.perf_counter()
        try:
            found = learn(folder, Wanted(f"by_{learner}", learner))
        except InputError as error:
            yield learner, None, str(error)
            continue
        yield learner, found.against, f"{time.perf_counter() - began:.1f} s"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="*", type=Path)
    parser.add_argument("--demo-seeds", default="", help=f"such as {','.join(map(str, SEEDS))}")
    parser.add_argument("--learners", default=",".join(LEARNERS))
    options = parser.parse_args()
    learners = options.learners.split(",")
    rows: list[tuple[str, ...]] = []
    demos: dict[str, list[RunComparison]] = {}
    with tempfile.TemporaryDirectory() as room:
        jobs = [(bundle.name, bundle, -1) for bundle in options.bundles]
        jobs += [(f"demo {seed}", Path(), int(seed)) for seed in filter(None, options.demo_seeds.split(","))]
        for name, bundle, seed in jobs:
            folder = Path(room) / name.replace(" ", "-")
            if seed < 0:
                shutil.copytree(bundle, folder)
            else:
                build_demo(folder, seed)
            for learner, comparison, seconds in gains(folder, learners):
                rows.append(
                    (name, learner, *(("", "", "not here") if comparison is None else said(comparison)), seconds)
                )
                if seed >= 0 and comparison is not None:
                    demos.setdefault(learner, []).append(comparison)
            shutil.rmtree(folder)
    for learner, found in demos.items():
        before, after = (np.concatenate(each) for each in ([one.a for one in found], [one.b for one in found]))
        together = run_comparison(before, after, np.isfinite(before))
        rows.append((f"{len(found)} demos", learner, *said(together), ""))
    print(table(("bundle", "learner", "one weight", "learner's", "difference", "took"), rows))


if __name__ == "__main__":
    main()
