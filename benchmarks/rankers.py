"""What rankers cost at SQID's size, a step a line: wall time and peak memory, beside the goal where there is one.

    python -m benchmarks.rankers [--steps features,lambdamart] [--queries 8956]

8,956 made-up queries with slates as deep as SQID's (some 182,000 pairs of 164,900 products). Each step is a process of
its own; what it needs is made before the clock starts, and counts into the peak. Goals: 3 GB, and the seconds shown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.sqid_like import DIM, PRODUCTS, QUERIES, SqidLike, table
from benchmarks.sqid_scale import cost
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal, ScoredSignal, Signal
from sqid_core.encoders.families import EncoderSpec
from sqid_core.evaluation.signal_weights import (
    SignalColumns,
    best_weights,
    cross_validated_weights,
    ndcgs,
    signal_columns,
    simplex,
)
from sqid_core.learning.adapters import Training, fit, lessons
from sqid_core.learning.choices import chosen_groups
from sqid_core.learning.features import features
from sqid_core.learning.folds import drawn_folds
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.out_of_fold import fold_models, held_out_scores
from sqid_core.learning.protocol import Examples
from sqid_core.learning.slates import judged_slates
from sqid_core.types import Bools, Floats, Positions

FOLDS = 5
_ENCODER = EncoderSpec("made-up", "open_clip", "made-up", "", DIM, "none")


def drawn(queries: int, vectors: bool = False) -> Dataset:
    """Made-up products, queries and signals: scores that agree a little with the labels, or vectors that do not."""
    like, rng = SqidLike(), np.random.default_rng(1)
    mask = like.mask[:queries]
    rows = np.full(mask.shape, -1, dtype=np.int32)
    for row, slate in zip(rows, mask, strict=True):
        length = int(slate.sum())
        row[:length] = np.sort(rng.choice(PRODUCTS, length, replace=False))
    words = np.array([f"word{i}" for i in range(20_000)], dtype=object)
    common = np.minimum(rng.zipf(1.3, (PRODUCTS, 14)), len(words)) - 1
    products = pd.DataFrame(
        {
            "product_id": [f"B{i:09}" for i in range(PRODUCTS)],
            "title": [" ".join(each) for each in words[common]],
            "brand": words[rng.integers(0, 3_000, PRODUCTS)],
            "color": rng.choice(np.array(["Red", "Blue", None], dtype=object), PRODUCTS),
            "category": rng.choice(np.array(["Home > Mugs", "Toys > Cars", None], dtype=object), PRODUCTS),
            "price": np.where(rng.random(PRODUCTS) < 0.3, np.nan, rng.uniform(1, 99, PRODUCTS)),
            "image": np.where(rng.random(PRODUCTS) < 0.05, None, "x.webp"),
        }
    )
    asked = np.minimum(rng.zipf(1.3, (queries, 4)), len(words)) - 1
    ids = np.array([f"{i:05}" for i in range(queries)], dtype=object)
    base = like.dataset()
    return replace(
        base,
        manifest=replace(base.manifest, encoders={_ENCODER.name: _ENCODER} if vectors else {}),
        products=products,
        queries=pd.DataFrame({"query_id": ids, "query": [f"{' '.join(words[a])} {i}" for i, a in enumerate(asked)]}),
        judgements=Judgements(ids, rows, like.labels[:queries].astype(np.int8)),
        signals=_vectors(queries) if vectors else _scores(like, queries),
    )


def _scores(like: SqidLike, queries: int) -> dict[str, Signal]:
    text, image = like.text[:queries], like.image[:queries]
    return {"text": ScoredSignal("text", "text", text), "image": ScoredSignal("image", "image", image)}


def _vectors(queries: int) -> dict[str, Signal]:
    rng = np.random.default_rng(2)
    there = rng.random(PRODUCTS) > 0.05

    def unit(count: int) -> np.ndarray:
        found = rng.standard_normal((count, DIM), dtype=np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found

    asked, texts, images = unit(queries), unit(PRODUCTS), unit(PRODUCTS)
    images[~there] = 0
    whole = np.ones(PRODUCTS, dtype=bool)
    return {
        "text": DenseSignal("text", "text", _ENCODER.name, texts, whole, asked),
        "image": DenseSignal("image", "image", _ENCODER.name, images, there, asked),
    }


def _examples(dataset: Dataset, learner: str) -> tuple[Examples, Floats, Bools]:
    slates = judged_slates(dataset, dataset.signals)
    found = Examples(slates, features(slates, chosen_groups(LEARNERS[learner], dataset.signals, ())))
    gains = dataset.judgements.gains(dataset.scale.gains())[dataset.judgements.mask]
    return found, gains, np.ones(len(dataset.queries), dtype=bool)


def _features(queries: int) -> Callable[[], object]:
    dataset = drawn(queries)
    return lambda: _examples(dataset, "lambdamart")


def _learned(learner: str, vectors: bool = False) -> Callable[[int], Callable[[], object]]:
    def made(queries: int) -> Callable[[], object]:
        dataset = drawn(queries, vectors)
        examples, gains, usable = _examples(dataset, learner)
        folds = drawn_folds(dataset.queries["query"].tolist(), usable, FOLDS, 0)

        def work() -> object:
            models = fold_models(LEARNERS[learner], examples, gains, folds, 0)
            return held_out_scores(models, examples, folds)

        return work

    return made


def _adapted(queries: int) -> Callable[[], object]:
    """All adapters of `finetune --how adapter` at its own settings. The made-up labels know nothing of the vectors, so
    that every training goes its whole way before it is found to be of no use."""
    dataset = drawn(queries, vectors=True)
    signal = dataset.signals["text"]
    assert isinstance(signal, DenseSignal)
    gains = dataset.judgements.gains(dataset.scale.gains())
    folds = drawn_folds(dataset.queries["query"].tolist(), np.ones(queries, dtype=bool), FOLDS, 0)
    return lambda: fit(lessons(signal, dataset.judgements, gains, folds), Training(), 0)


def _folds(signals: SignalColumns) -> Positions:
    return np.arange(len(signals.gains)) % FOLDS


def _weighed(work: Callable[[SignalColumns], object]) -> Callable[[int], Callable[[], object]]:
    """Work on three made-up signals, of which the third is half noise."""

    def made(queries: int) -> Callable[[], object]:
        dataset, rng = drawn(queries), np.random.default_rng(3)
        mask, gains = dataset.judgements.mask, dataset.judgements.gains(dataset.scale.gains())
        scores = np.where(mask, 0.2 * gains + 0.6 * rng.normal(size=mask.shape), np.nan)
        third: dict[str, Signal] = {"third": ScoredSignal("third", "text", scores)}
        columns = signal_columns(replace(dataset, signals={**dataset.signals, **third}), ["text", "third", "image"])
        return lambda: work(columns)

    return made


@dataclass(frozen=True)
class Step:
    """make: prepares the work for so many queries, and gives it. goal: seconds, nan where there is none."""

    name: str
    make: Callable[[int], Callable[[], object]]
    goal: float = float("nan")


STEPS = {
    step.name: step
    for step in (
        Step("features", _features, 60),
        Step("linear", _learned("linear")),
        Step("lambdamart", _learned("lambdamart"), 150),
        Step("presence", _learned("presence")),
        Step("gate", _learned("gate", vectors=True)),
        Step("attention", _learned("attention", vectors=True)),
        Step("adapter of rank 16", _adapted, 900),
        Step("triangle of 3 signals", _weighed(lambda signals: ndcgs(signals, simplex(3))), 4),
        Step("best weights of 3 signals", _weighed(best_weights), 15),
        Step("the same, cross-validated", _weighed(lambda signals: cross_validated_weights(signals, _folds(signals)))),
    )
}


def main() -> None:
    """Prints the table; `--only` is how each step runs in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", default=",".join(STEPS), help=f"default {','.join(STEPS)}")
    parser.add_argument("--queries", type=int, default=QUERIES, help=f"default {QUERIES}")
    parser.add_argument("--only", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        work = STEPS[options.only].make(options.queries)
        began = time.perf_counter()
        work()
        options.told.write_text(str(time.perf_counter() - began))
        return
    rows = []
    for name in options.steps.split(","):
        command = [sys.executable, "-m", "benchmarks.rankers", "--only", name, "--queries", str(options.queries)]
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "seconds"
            spent = cost([*command, "--told", str(told)])
            if spent.code:
                raise SystemExit(f"{name} ended with {spent.code}")
            seconds = float(told.read_text())
        goal = "" if np.isnan(STEPS[name].goal) else f"{STEPS[name].goal:.0f} s"
        rows.append((name, f"{seconds:.1f} s", goal, f"{spent.peak_bytes / 1e9:.2f} GB"))
        print(*rows[-1], file=sys.stderr, flush=True)
    print(table(("step", "wall", "goal", "peak memory"), rows))


if __name__ == "__main__":
    main()
