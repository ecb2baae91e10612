"""Ranking one query: its judged slate, or the whole catalogue. The weight is not read before `fused_ranking`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ..bundle.judgements import PADDING
from ..bundle.load import Dataset
from ..bundle.signals import SearchingSignal, Signal, text_image_cosines
from ..errors import InputError
from ..indexes.top_rows import ranks_of, top_rows
from ..types import Bools, Floats, Labels, Modality, Positions, Vectors
from .fusion import Columns, Fusion, columns, fuse
from .mixes import are_mixes


@dataclass(frozen=True, eq=False)
class Candidates:
    """What one query's ranking is made of, before the weight. All arrays are (C,), in row order.

    rows: product rows. text, image: raw scores, nan where a product lacks the signal; None where the bundle does.
    columns: what the combiner gets, None unless there are both signals. labels: -1 where unjudged.
    """

    rows: npt.NDArray[np.int32] = field(repr=False)
    text: Floats | None = field(repr=False)
    image: Floats | None = field(repr=False)
    columns: Columns | None = field(repr=False)
    labels: Labels = field(repr=False)


@dataclass(frozen=True, eq=False)
class Ranking:
    """The first k of an order. positions: (k,) in the candidates; rows: (k,) products; scores: (k,)."""

    positions: Positions = field(repr=False)
    rows: npt.NDArray[np.int32] = field(repr=False)
    scores: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A query's candidates, and how each signal alone orders them: all that does not depend on the weight. What lacks a
    signal comes last. only: (C,) the candidates that count, all if None."""

    candidates: Candidates

    @property
    def scores(self) -> dict[str, Floats]:
        """Raw scores (C,) by modality, nan where absent."""
        found = {"text": self.candidates.text, "image": self.candidates.image}
        return {name: scores for name, scores in found.items() if scores is not None}

    def firsts(self, k: int, only: Bools | None = None) -> dict[str, Positions]:
        """(k,) the first candidates by each signal, or all."""
        rows = np.arange(len(self.candidates.rows)) if only is None else np.flatnonzero(only)
        return {name: rows[top_rows(worst_where_absent(scores[rows]), k)] for name, scores in self.scores.items()}

    def ranks(self, some: Positions, only: Bools | None = None) -> dict[str, Positions]:
        """(M,) the ranks, from 1, of some candidates by each signal."""
        return {name: ranks_of(worst_where_absent(scores), some, only) for name, scores in self.scores.items()}


def prepare_slate(dataset: Dataset, query: int, fusion: Fusion) -> Prepared:
    """A judged query's slate (its row number), ready to be fused at any weight."""
    return Prepared(slate_candidates(dataset, query, fusion))


def prepare_catalogue(
    dataset: Dataset,
    vectors: Mapping[str, Vectors],
    fusion: Fusion,
    query: int | None = None,
    own: Floats | None = None,
    text: str = "",
) -> Prepared:
    """The whole catalogue, ready to be fused at any weight; see `catalogue_candidates`."""
    return Prepared(catalogue_candidates(dataset, vectors, fusion, query, own, text))


def slate_candidates(dataset: Dataset, query: int, fusion: Fusion) -> Candidates:
    """The judged products of a query (its row number)."""
    judgements = dataset.judgements
    mask = judgements.mask[query]
    rows = judgements.rows[query][mask]

    signals = dataset.signal("text"), dataset.signal("image")
    found = [None if signal is None else signal.query_scores(judgements, query) for signal in signals]
    return candidates_of(signals, found, fusion, rows, judgements.labels[query][mask])


def catalogue_candidates(
    dataset: Dataset,
    vectors: Mapping[str, Vectors],
    fusion: Fusion,
    query: int | None = None,
    own: Floats | None = None,
    text: str = "",
) -> Candidates:
    """All products of the catalogue, scored exactly, so that norms and ranks are over the catalogue.

    vectors: the query's unit vector (D,) by encoder; text: its words. A signal that cannot answer these takes no part.
    query: the row of the judged query that it is, for its labels. own: `own_cosines`, where they are known already.
    Ranks by the first signals that can search: a run file knows judged products only. Raises InputError where nothing
    is left to rank by.
    """
    rows = np.arange(len(dataset.products), dtype=np.int32)
    able = dataset.search_signal("text"), dataset.search_signal("image")
    if not any(able):
        raise InputError(
            f"the signals of {dataset.name} are run files, which rank judged products only; open a judged query, or "
            "add vectors with python -m precompute encode"
        )

    def scores(signal: SearchingSignal | None) -> Floats | None:
        return None if signal is None else signal.searched(vectors, text)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(scores, able))
    signals = [None if answer is None else signal for signal, answer in zip(able, found, strict=True)]
    if not any(signals):
        raise InputError(f"no signal of {dataset.name} can be searched by this; try a text")
    return candidates_of(signals, found, fusion, rows, catalogue_labels(dataset, query), own)


def own_cosines(dataset: Dataset) -> Floats:
    """(N,) cosine of each product's own text and picture, for the embedding average; nan where one is absent.

    Raises InputError unless the first text and image signals hold vectors of one encoder.
    """
    return text_image_cosines(*dataset.both_signals, np.arange(len(dataset.products)))


def catalogue_labels(dataset: Dataset, query: int | None) -> Labels:
    """(N,) the label of every product for a judged query (its row number), -1 where unjudged or without a query."""
    if query is not None and dataset.known_labels is not None:
        return dataset.known_labels[query]
    labels = np.full(len(dataset.products), PADDING, dtype=np.int8)
    if query is not None:
        mask = dataset.judgements.mask[query]
        labels[dataset.judgements.rows[query][mask]] = dataset.judgements.labels[query][mask]
    return labels


def candidates_of(
    signals: Sequence[Signal | None],
    scores: Sequence[Floats | None],
    fusion: Fusion,
    rows: npt.NDArray[np.int32],
    labels: Labels,
    own: Floats | None = None,
) -> Candidates:
    """Some products (their rows) with what is known of them, ready to be fused.

    signals, scores: of the text and the image, None where there is no such signal. own: cosines of text and picture, if
    they are known.
    """
    (text, image), (text_scores, image_scores) = signals, scores
    prepared = None
    if text is not None and image is not None and text_scores is not None and image_scores is not None:
        if own is None and fusion.rule.needs_one_space:
            own = text_image_cosines(text, image, rows)
        runs = text.is_run, image.is_run
        prepared = columns(fusion, text_scores, image_scores, None, own, runs, are_mixes(text, image))
    return Candidates(rows, text_scores, image_scores, prepared, labels)


def fused_ranking(candidates: Candidates, fusion: Fusion, k: int) -> Ranking:
    """The first k candidates at the fusion's weight. Raises ValueError where there is only one signal to rank by."""
    if candidates.columns is None:
        raise ValueError("fusing needs a text and an image signal")
    return _ranking(candidates, fuse(candidates.columns, fusion), k)


def signal_ranking(candidates: Candidates, modality: Modality, k: int) -> Ranking:
    """The first k candidates by one modality alone; those that lack it come last, with the score nan."""
    scores = candidates.text if modality == "text" else candidates.image
    if scores is None:
        raise ValueError(f"the bundle has no {modality} signal")
    ranking = _ranking(candidates, worst_where_absent(scores), k)
    return replace(ranking, scores=scores[ranking.positions])


def worst_where_absent(scores: Floats) -> Floats:
    """(C,) the scores, -inf where there is none."""
    return np.where(np.isnan(scores), -np.inf, scores)


def _ranking(candidates: Candidates, scores: Floats, k: int) -> Ranking:
    positions = top_rows(scores, k)
    return Ranking(positions, candidates.rows[positions], scores[positions])
