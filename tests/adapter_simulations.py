"""No adapter gains by labels that it must not see: twenty seeds of labels in which there is nothing to learn.

    python -m tests.adapter_simulations [--seeds 20] [--seed 1]

The mean gain out-of-fold must be within three standard errors of 0, those of the seeds' means; where the labels can be
learned it must not be, nor where an adapter is scored on what it saw: else this would find nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from drawn_lessons import drawn_lessons, out_of_fold_gain, permuted


def standard_errors(gains: list[float]) -> float:
    """How many standard errors the mean of the seeds' gains is from 0."""
    return float(np.mean(gains) / (np.std(gains, ddof=1) / np.sqrt(len(gains))))


def main() -> int:
    """A line a case; 1 where one is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seeds, failed = range(options.seed, options.seed + options.seeds), 0
    for name, is_null in (("labels permuted", True), ("labels that can be learned", False), ("broken folds", False)):
        drawn = {seed: drawn_lessons(seed) for seed in seeds}
        if name != "labels that can be learned":
            drawn = {seed: permuted(taught, seed) for seed, taught in drawn.items()}
        gains = [out_of_fold_gain(taught, seed, leaking=name == "broken folds") for seed, taught in drawn.items()]
        far = standard_errors(gains)
        as_it_must = abs(far) <= 3 if is_null else far > 3
        failed += not as_it_must
        print(f"{name:27} mean gain {np.mean(gains):+.4f}, {far:+.1f} standard errors{'' if as_it_must else ': WRONG'}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
