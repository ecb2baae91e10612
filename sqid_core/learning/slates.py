"""What a learner is asked: queries with the products to rank for each, one pair behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..types import Bools, Floats, Positions, Rows, Vectors


@dataclass(frozen=True, eq=False)
class Slates:
    """Queries with the products to rank for each: P pairs, slate after slate.

    texts: (Q,) of the queries. lengths: (Q,) products of each slate. rows: (P,) their rows in `products`. signals: what
    scores them, by name. scores: (P,) raw, by signal, nan where it does not know the product. vectors: (Q, D) of the
    queries, by encoder. products: the bundle's.
    """

    texts: Sequence[str] = field(repr=False)
    lengths: Positions = field(repr=False)
    rows: Rows = field(repr=False)
    signals: Mapping[str, Signal]
    scores: Mapping[str, Floats] = field(repr=False)
    vectors: Mapping[str, Vectors] = field(repr=False)
    products: pd.DataFrame = field(repr=False)

    @cached_property
    def queries(self) -> Positions:
        """(P,) the query of each pair."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def mask(self) -> Bools:
        """(Q, C) True where there is a product, in rows as long as the longest slate, one at least."""
        return np.arange(self.lengths.max(initial=1)) < self.lengths[:, None]

    def padded(self, values: Floats) -> Floats:
        """(Q, C) values (P,) a slate a row, nan behind."""
        found = np.full(self.mask.shape, np.nan)
        found[self.mask] = values
        return found

    def take(self, queries: Positions) -> Slates:
        """Those of some queries (row numbers, ascending)."""
        chosen = np.zeros(len(self.lengths), dtype=bool)
        chosen[queries] = True
        pairs = chosen[self.queries]
        return replace(
            self,
            texts=[self.texts[query] for query in queries],
            lengths=self.lengths[queries],
            rows=self.rows[pairs],
            scores={name: scores[pairs] for name, scores in self.scores.items()},
            vectors={name: vectors[queries] for name, vectors in self.vectors.items()},
        )


def judged_slates(dataset: Dataset, signals: Mapping[str, Signal]) -> Slates:
    """All queries with their judged products, in the order of the judgements' mask."""
    judged = dataset.judgements
    encoders = {name: dataset.query_vectors(name) for name in dataset.manifest.encoders}
    return Slates(
        dataset.queries["query"].tolist(),
        judged.lengths,
        judged.rows[judged.mask],
        signals,
        {name: signal.slate_scores(judged)[judged.mask] for name, signal in signals.items()},
        {name: vectors for name, vectors in encoders.items() if vectors is not None},
        dataset.products,
    )
