"""No learner gains by labels that it must not see: twenty seeds of sets in which there is nothing to learn.

    python -m tests.learning_simulations [--seeds 20] [--seed 1]

Labels permuted within slates; signals of noise; both with planted features that give away the labels of the queries
that a model was fitted on. The mean gain over one cross-validated weight must be within three standard errors of 0,
those of the seeds' means. With a broken fold it must not be: else this would find nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from ranker_sets import beside_one_weight, drawn_set, examples_of, permuted, planted

from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.protocol import Learner

QUERIES = 100


def _permuted(learner: Learner, seed: int) -> float:
    return beside_one_weight(learner, permuted(drawn_set(seed, QUERIES), seed)).difference


def _noise(learner: Learner, seed: int) -> float:
    return beside_one_weight(learner, drawn_set(seed, QUERIES, knows=(0.0, 0.0))).difference


def _planted(learner: Learner, seed: int, leaking: bool = False) -> float:
    dataset = drawn_set(seed, QUERIES, knows=(0.0, 0.0))
    return beside_one_weight(
        learner, dataset, planted(dataset, examples_of(dataset, learner), seed), leaking
    ).difference


NULLS: dict[str, Callable[[Learner, int], float]] = {
    "labels permuted": _permuted,
    "signals of noise": _noise,
    "planted features": _planted,
}


def standard_errors(gains: list[float]) -> float:
    """How many standard errors the mean of the seeds' gains is from 0."""
    return float(np.mean(gains) / (np.std(gains, ddof=1) / np.sqrt(len(gains))))


def broken_fold(learner: Learner, seed: int) -> float:
    """The gain where models have seen the queries that they are scored on."""
    return _planted(learner, seed, leaking=True)


def main() -> int:
    """A line a learner and null; 1 where one gains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failed, seeds = 0, range(options.seed, options.seed + options.seeds)
    for learner in LEARNERS.values():
        for name, null in NULLS.items():
            gains = [null(learner, seed) for seed in seeds]
            far = standard_errors(gains)
            failed += abs(far) > 3
            print(
                f"{learner.name:11} {name:17} mean gain {np.mean(gains):+.4f}, {far:+.1f} standard errors", flush=True
            )
    gains = [broken_fold(LEARNERS["lambdamart"], seed) for seed in seeds[:3]]
    found = min(gains) > 0.05
    print(f"lambdamart  broken folds      mean gain {np.mean(gains):+.4f}: {'seen' if found else 'NOT SEEN'}")
    return int(failed > 0 or not found)


if __name__ == "__main__":
    sys.exit(main())
