"""Drawn data sets for learners: signals that know the labels, or nothing, and features that a leak would reward."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import Manifest
from sqid_core.bundle.signals import DenseSignal, ScoredSignal
from sqid_core.encoders.families import EncoderSpec
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.learning.choices import chosen_groups
from sqid_core.learning.features import Features, features
from sqid_core.learning.folds import drawn_folds
from sqid_core.learning.linear import LINEAR
from sqid_core.learning.one_weight import ndcg_of, one_weight
from sqid_core.learning.out_of_fold import fold_models, held_out_scores
from sqid_core.learning.protocol import Examples, Learner
from sqid_core.learning.slates import judged_slates

_WORDS = "red blue mug lamp oak steel large small soft round".split()
_ENCODER = EncoderSpec("drawn", "open_clip", "drawn-vectors", "", 8, "none")
_SHARES = (0.4, 0.3, 0.1, 0.2)


def drawn_set(seed: int, queries: int = 60, depth: int = 10, knows: tuple[float, float] = (1.0, 0.7)) -> Dataset:
    """Slates of drawn products. knows: how much the scores of the text and of the image signal rise with the gain."""
    rng = np.random.default_rng(seed)
    count = queries * depth
    products = pd.DataFrame(
        {
            "product_id": [f"p{i}" for i in range(count)],
            "title": [" ".join(rng.choice(_WORDS, 4)) for _ in range(count)],
            "brand": rng.choice(["Oak", "Steel"], count),
            "color": rng.choice(["red", "blue"], count),
            "category": rng.choice(["Home > Mugs", "Home > Lamps"], count),
            "price": np.where(rng.random(count) < 0.2, np.nan, rng.uniform(1, 50, count)),
            "image": np.where(rng.random(count) < 0.1, None, "there.webp"),
        }
    )
    texts = [f"{' '.join(rng.choice(_WORDS, 2))} {i}" for i in range(queries)]
    rows = np.arange(count, dtype=np.int32).reshape(queries, depth)
    labels = rng.choice(4, p=_SHARES, size=rows.shape).astype(np.int8)
    judgements = Judgements(np.array([f"q{i}" for i in range(queries)], dtype=object), rows, labels)
    gains = judgements.gains(ESCI.gains())
    image = knows[1] * gains + rng.normal(size=gains.shape)
    image[products["image"].isna().to_numpy()[rows]] = np.nan
    signals = {
        "text": ScoredSignal("text", "text", knows[0] * gains + rng.normal(size=gains.shape)),
        "image": ScoredSignal("image", "image", image),
        **_vectors(rng, queries, products["image"].notna().to_numpy()),
    }
    frame = pd.DataFrame({"query_id": judgements.query_ids, "query": texts})
    counts = {"products": count, "queries": queries, "judgements": count}
    manifest = Manifest("drawn", ESCI, counts, encoders={_ENCODER.name: _ENCODER})
    return Dataset(Path(), manifest, products, frame, judgements, signals)


def _vectors(rng: np.random.Generator, queries: int, pictured: npt.NDArray[np.bool_]) -> dict[str, DenseSignal]:
    """Signals whose vectors know nothing."""
    shapes = queries, len(pictured), len(pictured)
    drawn = (rng.normal(size=(count, _ENCODER.dim)).astype(np.float32) for count in shapes)
    asked, texts, images = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in drawn)
    images[~pictured] = 0
    whole = np.ones_like(pictured)
    return {
        "texts": DenseSignal("texts", "text", _ENCODER.name, texts, whole, asked),
        "images": DenseSignal("images", "image", _ENCODER.name, images, pictured, asked),
    }


def permuted(dataset: Dataset, seed: int) -> Dataset:
    """The same with the labels of each slate in another order."""
    labels = np.random.default_rng(seed).permuted(dataset.judgements.labels, axis=1)
    return replace(dataset, judgements=replace(dataset.judgements, labels=labels))


def examples_of(dataset: Dataset, learner: Learner = LINEAR) -> Examples:
    """Its slates with all features that the learner may read."""
    slates = judged_slates(dataset, dataset.signals)
    return Examples(slates, features(slates, chosen_groups(learner, dataset.signals, ())))


def gains_of(dataset: Dataset) -> npt.NDArray[np.float64]:
    """(P,) the gain of each pair."""
    judgements = dataset.judgements
    return judgements.gains(dataset.scale.gains())[judgements.mask]


def planted(dataset: Dataset, examples: Examples, seed: int) -> Examples:
    """With what gives away the labels of seen queries alone: the label at the same place of another query's slate, and
    the numbers of query and product."""
    labels, rng = dataset.judgements.labels, np.random.default_rng(seed)
    others = labels[(np.arange(len(labels)) + rng.integers(1, len(labels), len(labels))) % len(labels)]
    columns = np.stack([others.ravel(), examples.slates.queries, examples.slates.rows], axis=1).astype(np.float64)
    known = examples.features
    names = ("another query's label", "query", "product")
    values = np.concatenate([known.values, columns], axis=1)
    return replace(examples, features=Features((*known.names, *names), (*known.groups, *["planted"] * 3), values))


def folds_of(dataset: Dataset, count: int = 5, seed: int = 0) -> npt.NDArray[np.int8]:
    """Those that a bundle of these queries would have."""
    return drawn_folds(dataset.queries["query"].tolist(), np.ones(len(dataset.queries), bool), count, seed)


def beside_one_weight(
    learner: Learner, dataset: Dataset, examples: Examples | None = None, leaking: bool = False
) -> RunComparison:
    """A learner's out-of-fold ranking against one cross-validated weight. leaking: each fold's model has seen it."""
    found, gains, folds = examples or examples_of(dataset, learner), gains_of(dataset), folds_of(dataset)
    models = [learner.fit(found, gains, 0)] * 5 if leaking else fold_models(learner, found, gains, folds, 0)
    scores = np.full(dataset.judgements.rows.shape, np.nan)
    scores[dataset.judgements.mask] = held_out_scores(models, found, folds)
    baseline = one_weight(dataset, [*dataset.signals.values()], folds)
    return run_comparison(baseline.values, ndcg_of(dataset, scores), dataset.judgements.lengths > 0)
