"""What a fusion loses in a search engine, which normalises over a shortlist: NDCG by its formula against ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..bundle.load import Dataset
from ..bundle.signals import SearchingSignal
from ..errors import InputError
from ..evaluation.metrics import defined_mean, ndcg
from ..exports.engines import SHORTLIST, TakenHome
from ..ranking.candidates import catalogue_candidates
from ..ranking.fusion import Fusion, fuse
from ..ranking.ranks import order
from ..types import Floats, Rows, Vectors
from .index_loss import K, sampled_queries


@dataclass(frozen=True)
class EngineLoss:
    """NDCG@10 over the whole catalogue, an unjudged product worth nothing. ours: by the whole catalogue's norms.
    theirs: by the engine's formula. same: the share of queries whose first ten products are the same, in order.
    queries: how many were measured."""

    ours: float
    theirs: float
    same: float
    queries: int


def shortlisted(scores: Floats, size: int = SHORTLIST) -> Floats:
    """(N,) scores of the first products of a list, nan for all others."""
    found = np.full(len(scores), np.nan)
    first = order(np.nan_to_num(scores, nan=-np.inf)[None])[0, :size]
    first = first[np.isfinite(scores[first])]
    found[first] = scores[first]
    return found


def engine_loss(
    dataset: Dataset, fusion: Fusion, home: TakenHome, gains: str | None = None, size: int = SHORTLIST
) -> EngineLoss:
    """Over an even sample of at most 200 judged queries, asked by the vectors that the bundle holds. size: how many
    products the engine takes of each signal.

    Raises InputError where a query cannot be searched for.
    """
    rows = sampled_queries(dataset)
    table = dataset.scale.gains(gains)
    judged = dataset.judgements.gains(table)[rows]
    ours, theirs = (np.full((len(rows), K), -1, dtype=np.int64) for _ in range(2))
    for place, query in enumerate(rows.tolist()):
        ours[place], theirs[place] = _first(dataset, fusion, home, query, size)
    values = [ndcg(dataset.judgements.gains_of(rows, found, table), judged, K) for found in (ours, theirs)]
    traffic = None if dataset.traffic is None else dataset.traffic[rows]
    same = float((ours == theirs).all(axis=1).mean())
    return EngineLoss(defined_mean(values[0], traffic), defined_mean(values[1], traffic), same, len(rows))


def _first(dataset: Dataset, fusion: Fusion, home: TakenHome, query: int, size: int) -> tuple[Rows, Rows]:
    """The first ten rows of the catalogue by our fusion, and by the engine's formula, -1 where it returns fewer."""
    text = str(dataset.queries["query"].iloc[query])
    vectors = _vectors(dataset, query, [part.signal for part in home.parts])
    candidates = catalogue_candidates(dataset, vectors, fusion, text=text)
    if candidates.columns is None:
        raise InputError(f"{dataset.name} has no text and image signal that can search; nothing to fuse")
    ours = order(fuse(candidates.columns, fusion)[None])[0, :K]
    lists = [part.in_engine(shortlisted(_searched(part.signal, vectors, text), size)) for part in home.parts]
    fused = home.formula(lists)
    first = order(fused[None])[0, :K]
    return ours, np.where(np.isfinite(fused[first]), first, -1)


def _searched(signal: object, vectors: dict[str, Vectors], text: str) -> Floats:
    found = signal.searched(vectors, text) if isinstance(signal, SearchingSignal) else None
    if found is None:
        raise InputError("a signal of the fusion cannot be searched by the bundle's queries")
    return found


def _vectors(dataset: Dataset, query: int, signals: Sequence[object]) -> dict[str, Vectors]:
    """(D,) the stored vectors of a query, by encoder."""
    names = {name for signal in signals if isinstance(signal, SearchingSignal) for name in signal.encoders}
    stored = {name: dataset.query_vectors(name) for name in names}
    return {name: vectors[query] for name, vectors in stored.items() if vectors is not None}
