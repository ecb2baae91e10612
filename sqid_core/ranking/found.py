"""Ranking what a server finds: the products nearest to a question by each signal, and no whole catalogue.

The server only says which products they are. Their scores by every signal are worked out here, from the vectors of
these rows alone, and so are the very numbers of an exact search. What is not found is not ranked: norms and ranks are
over what was found, and a product that is in neither list is missed although a fusion might have put it first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ..bundle.adapted_signal import AdaptedSignal
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal, SearchingSignal
from ..errors import InputError
from ..indexes.conditions import Condition
from ..indexes.milvus import MilvusIndex
from ..indexes.top_rows import top_rows
from ..types import MODALITIES, Bools, Floats, Positions, Vectors
from .candidates import Candidates, candidates_of, catalogue_labels
from .filters import ANY_PRODUCT, ProductFilter
from .fusion import Fusion
from .mixes import SearchingMix, mixed_answers
from .server_filters import ProductCodes

# Products that are asked for of each signal.
DEPTH = 500


@dataclass(frozen=True, eq=False)
class Served:
    """The signals of a bundle that a server searches, and the numbers by which it filters."""

    indexes: Mapping[str, MilvusIndex]
    codes: ProductCodes = field(repr=False)


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked of every signal. fits: (N,) the products that a filter leaves, None for all."""

    vectors: Mapping[str, Vectors]
    text: str
    served: Served
    condition: Condition
    fits: Bools | None
    depth: int


# (n,) scores of some rows.
_Scored = Callable[[Positions], Floats]


def found_candidates(
    dataset: Dataset,
    served: Served,
    vectors: Mapping[str, Vectors],
    fusion: Fusion,
    query: int | None = None,
    text: str = "",
    only: ProductFilter = ANY_PRODUCT,
    depth: int = DEPTH,
) -> Candidates:
    """As `catalogue_candidates`, of the `depth` nearest products of each signal, and those judged for the query. Only
    products that the filter leaves are found; a signal that the server lacks, such as BM25, is searched here.

    Raises ServerError, and InputError where nothing is left to rank by.
    """
    fits = only.mask(dataset.products) if only else None
    asked = _Question(vectors, text, served, served.codes.condition(only), fits, depth)
    able = [dataset.search_signal(modality) for modality in MODALITIES]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda signal: None if signal is None else _answer(signal, asked), able))
    if not any(answers):
        raise InputError(f"no signal of {dataset.name} can be searched by this; try a text")
    lists = [rows for answer in answers if answer is not None for rows in answer[0]]
    if query is not None:
        judged = dataset.judgements.rows[query][dataset.judgements.mask[query]]
        lists.append(judged if fits is None else judged[fits[judged]])
    rows = np.unique(np.concatenate(lists)).astype(np.int32)
    places = rows.astype(np.int64)
    scores = [None if answer is None else answer[1](places) for answer in answers]
    signals = [None if answer is None else signal for signal, answer in zip(able, answers, strict=True)]
    return candidates_of(signals, scores, fusion, rows, catalogue_labels(dataset, query)[rows])


def _answer(signal: SearchingSignal, asked: _Question) -> tuple[list[Positions], _Scored] | None:
    """The products that a signal finds, a list for each of its parts, and how it scores any; None where it cannot
    answer."""
    if isinstance(signal, SearchingMix):
        return _mixed(signal, asked)
    dense, index = _in_server(signal, asked)
    if dense is None or index is None:
        return _here(signal, asked)
    if dense.encoder not in asked.vectors:
        return None
    vector = asked.vectors[dense.encoder]
    if isinstance(signal, AdaptedSignal):
        vector = signal.asked_by(vector, asked.text)
    hits = index.search(vector[None], asked.depth, asked.condition).rows[0]
    return [hits[hits >= 0]], lambda rows: dense.pair_scores(vector[None], np.zeros(len(rows), np.int64), rows)


def _in_server(signal: SearchingSignal, asked: _Question) -> tuple[DenseSignal | None, MilvusIndex | None]:
    if isinstance(signal, AdaptedSignal):
        return signal.dense, asked.served.indexes.get(signal.of)
    return (signal, asked.served.indexes.get(signal.name)) if isinstance(signal, DenseSignal) else (None, None)


def _here(signal: SearchingSignal, asked: _Question) -> tuple[list[Positions], _Scored] | None:
    """By the whole catalogue, in this program."""
    scores = signal.searched(asked.vectors, asked.text)
    if scores is None:
        return None
    known = np.isfinite(scores) if asked.fits is None else np.isfinite(scores) & asked.fits
    first = top_rows(np.where(known, scores, -np.inf), asked.depth)
    return [first[known[first]]], lambda rows: scores[rows]


def _mixed(signal: SearchingMix, asked: _Question) -> tuple[list[Positions], _Scored] | None:
    parts = [_answer(part, asked) if isinstance(part, SearchingSignal) else None for part in signal.parts]
    if not any(parts):
        return None

    def scored(rows: Positions) -> Floats:
        return mixed_answers(signal.mix, [None if part is None else part[1](rows) for part in parts])

    return [rows for part in parts if part is not None for rows in part[0]], scored
