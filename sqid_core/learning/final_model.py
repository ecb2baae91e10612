"""A learned ranking asked about a typed text: the model of all queries, which orders products that others found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..bundle.learned_signal import LearnedSignal
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal, SearchingSignal, Signal
from ..errors import BundleError
from ..types import Floats, Rows, Vectors
from ..wording import folded
from .choices import MODEL
from .features import FeatureGroup, features, group_named
from .learners import LEARNERS
from .protocol import Examples, Model
from .slates import Slates
from .stored import read_model


@dataclass(frozen=True, eq=False)
class FinalModel:
    """signals: what it reads, by name. groups: of its features. model: fitted on all queries that teach something."""

    signals: Mapping[str, Signal]
    groups: Sequence[FeatureGroup] = field(repr=False)
    model: Model = field(repr=False)

    @property
    def encoders(self) -> tuple[str, ...]:
        """Those whose vector of a text it needs."""
        able = (signal for signal in self.signals.values() if isinstance(signal, SearchingSignal))
        return tuple(dict.fromkeys(name for signal in able for name in signal.encoders))

    @property
    def silent(self) -> tuple[str, ...]:
        """The signals that say nothing of a typed text: to the model their scores are unknown then."""
        return tuple(name for name, signal in self.signals.items() if not isinstance(signal, SearchingSignal))


def final_model(dataset: Dataset, signal: LearnedSignal) -> FinalModel:
    """The final model of a signal of the bundle. Raises BundleError where it cannot be read, or reads what the bundle
    lacks."""
    origin, where = signal.origin, f"signal {signal.name} of {dataset.folder}"
    again = "run python -m precompute learn again"
    lacking = [name for name in origin.signals if name not in dataset.signals]
    if lacking or origin.learner not in LEARNERS:
        what = f"the signal {lacking[0]}" if lacking else f"the learner {origin.learner}"
        raise BundleError(f"{where} was learned by {what}, which is not there; {again}")
    signals = {name: dataset.signals[name] for name in origin.signals}
    try:
        groups = [group_named(name, signals) for name in origin.features]
    except KeyError as error:
        raise BundleError(f"{where} reads unknown features {error}; {again}") from None
    arrays = read_model(dataset.folder / "signals" / signal.name / MODEL)
    return FinalModel(signals, groups, LEARNERS[origin.learner].load(arrays, origin.columns))


def asked_slate(
    dataset: Dataset, signals: Mapping[str, Signal], text: str, vectors: Mapping[str, Vectors], rows: Rows
) -> Slates:
    """One typed text with some products to rank. vectors: (D,) of the text, by encoder. rows: (n,) of the products.

    nan scores for a signal that cannot search.
    """
    return Slates(
        [text],
        np.array([len(rows)]),
        rows,
        signals,
        {name: _scores(signal, text, vectors, rows) for name, signal in signals.items()},
        {name: vector[None] for name, vector in vectors.items()},
        dataset.products,
    )


def _scores(signal: Signal, text: str, vectors: Mapping[str, Vectors], rows: Rows) -> Floats:
    if isinstance(signal, DenseSignal):
        return signal.pair_scores(vectors[signal.encoder][None], np.zeros(len(rows), dtype=np.int64), rows)
    found = signal.searched(vectors, text) if isinstance(signal, SearchingSignal) else None
    return np.full(len(rows), np.nan) if found is None else found[rows]


def final_scores(final: FinalModel, slate: Slates) -> Floats:
    """(P,) what the model says of the products of `asked_slate`: in-sample for a text that `has_seen` knows."""
    return final.model.scores(Examples(slate, features(slate, final.groups)))


def has_seen(dataset: Dataset, text: str) -> bool:
    """Whether a final model learned from a query of this text, case and spaces folded: from all that have labels."""
    taught = dataset.queries["query"].to_numpy()[dataset.judgements.lengths > 0]
    return folded(text) in set(map(folded, taught))
