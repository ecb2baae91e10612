"""A data set in memory whose two signals know nothing of the labels: what honest methods gain nothing on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import Manifest, SignalSpec
from sqid_core.bundle.signals import ScoredSignal

_WORDS = "red blue lamp chair not 5 inch mug shirt cotton large without for kids".split()


def noise_dataset(queries: int, seed: int = 0, longest: int = 16, scale: LabelScale = ESCI) -> Dataset:
    """Slates of 4 to `longest` products; scores from a normal law, one picture in ten absent."""
    rng = np.random.default_rng(seed)
    products = 4 * longest
    mask = np.arange(longest) < rng.integers(4, longest + 1, queries)[:, None]
    rows = np.stack([np.sort(rng.permutation(products)[:longest]) for _ in range(queries)])
    labels = rng.choice(len(scale.names), size=mask.shape)
    ids = np.array([f"q{i}" for i in range(queries)], dtype=object)
    judgements = Judgements(ids, np.where(mask, rows, -1).astype(np.int32), np.where(mask, labels, -1).astype(np.int8))
    text, image = np.where(mask, rng.standard_normal((2, *mask.shape)), np.nan)
    image[rng.random(mask.shape) < 0.1] = np.nan
    texts = [" ".join(rng.choice(_WORDS, rng.integers(1, 6))) for _ in range(queries)]
    signals = {name: SignalSpec(name, "") for name in ("text", "image")}  # type: ignore[arg-type]
    counts = {"products": products, "queries": queries, "judgements": int(mask.sum())}
    return Dataset(
        Path("nowhere"),
        Manifest("noise", scale, counts, signals=signals),
        pd.DataFrame(
            {
                "product_id": [f"p{i}" for i in range(products)],
                "title": "thing",
                "brand": None,
                "category": rng.choice(["Home", "Toys", "Books"], products),
                "image": "x.webp",
            }
        ),
        pd.DataFrame({"query_id": ids, "query": texts, "source": "other"}),
        judgements,
        {"text": ScoredSignal("text", "text", text), "image": ScoredSignal("image", "image", image)},
    )


def knowing_dataset(queries: int, seed: int, text: np.ndarray, image: np.ndarray) -> Dataset:
    """The same with signals that know: scores rise with the gain, by text (Q,) and image (Q,) of each query, and agree
    beside it."""
    dataset = noise_dataset(queries, seed, longest=24)
    rng, labels = np.random.default_rng(seed), dataset.judgements.labels
    worth = np.array([1.2, 0.6, 0.3, 0.0, np.nan])[labels]  # Padding is -1, the last.
    both, alone = rng.normal(size=(2, *labels.shape))
    of_text = 0.3 + 0.1 * (text[:, None] * worth + both)
    of_image = 0.2 + 0.1 * (image[:, None] * worth + 0.3 * both + 0.95 * alone)
    of_image[rng.random(labels.shape) < 0.08] = np.nan
    signals = {"text": ScoredSignal("text", "text", of_text), "image": ScoredSignal("image", "image", of_image)}
    return replace(dataset, signals=signals)
