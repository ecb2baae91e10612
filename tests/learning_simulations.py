"""No learner gains by labels that it must not see: twenty seeds of sets in which there is nothing to learn.

    python -m tests.learning_simulations [--seeds 20] [--seed 1]

Labels permuted within slates; signals of noise; both with planted features that give away the labels of the queries
that a model was fitted on. The mean gain over one cross-validated weight must be within three standard errors of 0,
those of the seeds' means. With a broken fold it must not be: else this would find nothing. Beside these stands why a
choice by out-of-fold scores is called in-sample.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from ranker_sets import beside_one_weight, drawn_set, examples_of, folds_of, gains_of, permuted, planted

from sqid_core.evaluation.metrics import expected_random_ndcg
from sqid_core.learning.features import Features
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.one_weight import ndcg_of
from sqid_core.learning.out_of_fold import fold_models, held_out_scores
from sqid_core.learning.protocol import Examples, Learner
from sqid_core.learning.slates import judged_slates

# Sets of the second kind are small and many: what a choice by other folds gains is small too.
QUERIES, STACKED = 100, 150


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


def stacked(seed: int, count: int) -> float:
    """What choosing by other folds' out-of-fold scores seems to gain over a random order where there is nothing: each
    of `count` folds takes a learned signal where that beats chance on the other folds, else a random order. The signal
    is one feature of noise with the sign that the training queries' labels give it."""
    dataset = drawn_set(seed, 40, knows=(0.0, 0.0))
    slates = judged_slates(dataset, {"text": dataset.signals["text"]})
    noise = np.random.default_rng(seed + 1000).normal(size=(len(slates.rows), 1))
    examples, folds = Examples(slates, Features(("noise",), ("noise",), noise)), folds_of(dataset, count)
    models = fold_models(LEARNERS["linear"], examples, gains_of(dataset), folds, 0)
    scores = np.full(dataset.judgements.rows.shape, np.nan)
    scores[dataset.judgements.mask] = held_out_scores(models, examples, folds)
    worth = dataset.judgements.gains(dataset.scale.gains())
    above = ndcg_of(dataset, scores) - expected_random_ndcg(worth, dataset.judgements.mask)
    means = [(np.nanmean(above[folds == fold]), np.nanmean(above[folds != fold])) for fold in range(count)]
    return float(np.mean([own if others > 0 else 0.0 for own, others in means]))


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
    for count in (2, 5):
        gains = [stacked(seed, count) for seed in range(options.seed, options.seed + STACKED)]
        far = standard_errors(gains)
        print(f"a choice by other folds, {count} folds: {np.mean(gains):+.4f}, {far:+.1f} standard errors: in-sample")
    gains = [broken_fold(LEARNERS["lambdamart"], seed) for seed in seeds[:3]]
    found = min(gains) > 0.05
    print(f"lambdamart  broken folds      mean gain {np.mean(gains):+.4f}: {'seen' if found else 'NOT SEEN'}")
    return int(failed > 0 or not found)


if __name__ == "__main__":
    sys.exit(main())
