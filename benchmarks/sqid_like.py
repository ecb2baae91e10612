"""A test set of SQID's size and shape with made-up scores: slates as deep and labels as frequent as SQID's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import Manifest
from sqid_core.ranking.fusion import Columns, Fusion, columns

QUERIES, PRODUCTS, DIM = 8_956, 164_900, 768
LABEL_SHARES = np.array([79_708, 63_563, 8_099, 30_331]) / 181_701
MEAN_DEPTH = 20.29


class SqidLike:
    """text, image: (Q, C) scores that agree a little with the labels, image nan for one product in twenty."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        depths = np.clip(rng.lognormal(np.log(MEAN_DEPTH) - 0.08, 0.4, QUERIES).round().astype(int), 2, 90)
        self.mask = np.arange(depths.max()) < depths[:, None]
        self.labels = np.where(self.mask, rng.choice(4, p=LABEL_SHARES, size=self.mask.shape), -1)
        self.gains = np.where(self.mask, ESCI.gains()[self.labels], 0.0)
        noise = rng.normal(size=(2, *self.mask.shape))
        self.text = np.where(self.mask, 0.80 + 0.02 * self.gains + 0.05 * noise[0], np.nan)
        self.image = np.where(self.mask, 0.25 + 0.02 * self.gains + 0.03 * noise[1], np.nan)
        self.image[rng.random(self.image.shape) < 0.05] = np.nan

    def dataset(self) -> Dataset:
        """What `evaluate` reads of a bundle: the judgements and their scale."""
        query_ids = np.array([str(query) for query in range(QUERIES)], dtype=object)
        rows = np.where(self.mask, np.arange(self.mask.shape[1]), -1).astype(np.int32)
        judgements = Judgements(query_ids, rows, self.labels.astype(np.int8))
        counts = dict.fromkeys(("products", "queries", "judgements"), len(query_ids))
        return Dataset(Path(), Manifest("sqid-like", ESCI, counts), pd.DataFrame(), pd.DataFrame(), judgements, {})

    def columns(self, fusion: Fusion) -> Columns:
        return columns(fusion, self.text, self.image, self.mask)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A plain text table, first column left, the others right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(row: tuple[str, ...]) -> str:
        return "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )

    return "\n".join([line(header), "  ".join("-" * width for width in widths), *map(line, rows)])
