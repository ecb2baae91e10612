"""Small bundles of all that makes ranking numbers go wrong, each by a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from fixtures import THREE

from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

Draw = Callable[[np.random.Generator, tuple[int, ...]], npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Hard:
    """lengths: of the slates, 0 for a query that nobody judged. scores: draws those of a signal. missing: the share of
    judged products without a text, without a picture. labels: draws the labels' places. equal_texts: all queries."""

    lengths: tuple[int, ...]
    scores: Draw
    missing: tuple[float, float] = (0.02, 0.1)
    scale: LabelScale = ESCI
    labels: Callable[[np.random.Generator, int, int], npt.NDArray[np.int64]] = lambda rng, query, count: rng.choice(
        4, count, p=[0.3, 0.3, 0.1, 0.3]
    )
    equal_texts: bool = False


def _whole(most: int) -> Draw:
    return lambda rng, shape: rng.integers(0, most + 1, shape).astype(np.float64)


_SOME = tuple(range(1, 13)) * 2
HARD: dict[str, Hard] = {
    "ties everywhere": Hard(_SOME, _whole(2)),
    "every picture there": Hard(_SOME, _whole(20), (0.0, 0.0)),
    "half of the pictures": Hard(_SOME, _whole(20), (0.0, 0.5)),
    "no picture": Hard(_SOME, _whole(20), (0.0, 1.0)),
    "slates of 1 to 300": Hard((1, 1, 2, 3, 17, 60, 120, 299, 300), _whole(9)),
    "equal gains": Hard(_SOME, _whole(20), labels=lambda _, query, count: np.full(count, (0, 1, 3)[query % 3])),
    "negative scores": Hard(_SOME, lambda rng, shape: rng.integers(-90, -9, shape) / 10),
    "tiny scores": Hard(_SOME, lambda rng, shape: rng.integers(-9, 10, shape) * 2.0**-560),
    "short decimals": Hard(_SOME, lambda rng, shape: np.round(rng.random(shape), 2)),
    "three grades": Hard(_SOME, _whole(20), scale=THREE, labels=lambda rng, _, count: rng.integers(0, 3, count)),
    "queries that nobody judged": Hard((0, 3, 0, 9, 12, 0), _whole(20)),
    "one text for all": Hard(_SOME, _whole(20), equal_texts=True),
}


def build_hard(what: str | Hard, folder: Path) -> Path:
    """Writes the bundle, one of HARD by its name or another: a catalogue of 400, and a text and a picture run."""
    hard = HARD[what] if isinstance(what, str) else what
    rng = np.random.default_rng(list(HARD).index(what) if isinstance(what, str) else len(HARD))
    products = pd.DataFrame({"product_id": [f"p{i}" for i in range(400)], "title": "thing"})
    ids = [f"q{i:02d}" for i in range(len(hard.lengths))]
    texts = ["thing" if hard.equal_texts else f"thing {query}" for query in ids]
    pairs = [
        (query, f"p{row}", hard.scale.names[label])
        for i, (query, count) in enumerate(zip(ids, hard.lengths, strict=True))
        for row, label in zip(rng.choice(400, count, replace=False), hard.labels(rng, i, count), strict=True)
    ]
    queries = pd.DataFrame({"query_id": ids, "query": texts})
    judgements = pd.DataFrame(pairs, columns=["query_id", "product_id", "label"])
    with BundleWriter(folder) as writer:
        writer.write_tables("hard", products, queries, judgements, hard.scale)
    mask = load_bundle(folder).judgements.mask
    with BundleWriter(folder) as writer:
        for signal, modality, missing in zip(("words", "sight"), ("text", "image"), hard.missing, strict=True):
            there = mask & (rng.random(mask.shape) >= missing)
            scores = np.where(there, hard.scores(rng, mask.shape), np.nan)
            writer.write_scores(signal, modality, scores, {})  # type: ignore[arg-type]
    return folder
