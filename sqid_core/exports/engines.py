"""A fusion for a search engine: what it is to be told, by what formula it then scores, or why it cannot.

Formulas and defaults are those of OpenSearch's neural-search (normalization-processor since 2.10, z_score since 3.0,
score-ranker-processor since 2.19) and of Elasticsearch's retrievers (linear since 8.18, weights of rrf since 9.2), as
their documentation and sources say. An engine sees of each signal only the first products that it finds, the shortlist,
and normalises over these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..bundle.lexical import LexicalSignal
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal, Signal
from ..errors import InputError
from ..ranking.fusion import Fusion
from ..ranking.mixes import USUAL_FILL, MixedSignal
from ..ranking.norms import NORMS, over_present
from ..types import Floats

SHORTLIST = 100
_LOWEST = 0.001
_MOST_K = 10_000


@dataclass(frozen=True)
class Part:
    """A signal of the fusion, and how much it counts; the parts' weights add up to 1."""

    signal: Signal
    weight: float

    @property
    def query(self) -> dict[str, Any]:
        """What asks an engine for it; words in capitals are to be filled in."""
        if isinstance(self.signal, LexicalSignal):
            return {"match": {"TEXT_FIELD": "QUERY_TEXT"}}
        field_name = f"{self.signal.name}_vector"
        return {"knn": {field_name: {"vector": "QUERY_VECTOR", "k": SHORTLIST}}}

    @property
    def retriever(self) -> dict[str, Any]:
        """The same for Elasticsearch."""
        if isinstance(self.signal, LexicalSignal):
            return {"standard": {"query": {"match": {"TEXT_FIELD": "QUERY_TEXT"}}}}
        found = {"field": f"{self.signal.name}_vector", "query_vector": "QUERY_VECTOR"}
        return {"knn": {**found, "k": SHORTLIST, "num_candidates": 2 * SHORTLIST}}

    @property
    def in_engine(self) -> Callable[[Floats], Floats]:
        """An engine's own score of it: a cosine c is (1 + c) / 2 there, BM25 is BM25."""
        return _same if isinstance(self.signal, LexicalSignal) else _halved


def _same(scores: Floats) -> Floats:
    return scores


def _halved(cosines: Floats) -> Floats:
    return (1 + cosines) / 2


def parts_of(dataset: Dataset, fusion: Fusion) -> tuple[Part, ...]:
    """The signals that a fusion of the first text and image signal mixes in the end. Raises InputError where one of
    them is no engine's to find, or is mixed on another scale."""
    found: list[Part] = []
    for end, share in zip(dataset.both_signals, (1 - fusion.image_weight, fusion.image_weight), strict=True):
        if isinstance(end, MixedSignal):
            if not _adds_scores(fusion) or (end.mix.norm, end.mix.fill) != (fusion.norm, USUAL_FILL):
                raise InputError(
                    f"{end.name} is mixed on a scale of its own; an engine puts all on one: choose the norm "
                    f"{end.mix.norm} and weighted scores"
                )
            found += [Part(part, share * float(w)) for part, w in zip(end.parts, end.mix.weights, strict=True)]
        else:
            found.append(Part(end, share))
    for part in found:
        if not isinstance(part.signal, DenseSignal | LexicalSignal):
            raise InputError(
                f"{part.signal.name} is made neither of vectors nor of words, so no engine can search by it"
            )
    return tuple(part for part in found if part.weight > 0)


# --- formulas: (S, ..., C) scores of each part as the engine gives them, nan outside its list -> (..., C) ---

Normed = Callable[[Floats], Floats]
Request = dict[str, Any]


def _weighted(weights: Sequence[float], norm: Normed, scores: Sequence[Floats]) -> Floats:
    """The sum; what a list lacks counts as 0 there, and what all of them lack is not returned."""
    normed = [np.nan_to_num(norm(each), nan=0.0) for each in scores]
    total = np.sum([w * each for each, w in zip(normed, weights, strict=True)], axis=0)
    return np.where(np.logical_and.reduce([np.isnan(each) for each in scores]), -np.inf, total)


def _opensearch_min_max(scores: Floats) -> Floats:
    low, high = over_present(np.min, scores, np.inf), over_present(np.max, scores, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(high > low, (scores - low) / (high - low), 1.0)
    return np.where(np.isnan(scores), np.nan, np.where(scaled == 0, _LOWEST, scaled))


def _opensearch_z_score(scores: Floats) -> Floats:
    count = np.maximum(np.isfinite(scores).sum(axis=-1, keepdims=True), 1)
    mean = over_present(np.sum, scores, 0.0) / count
    deviation = np.sqrt(over_present(np.sum, (scores - mean) ** 2, 0.0) / count)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.where(scores == mean, 1.0, np.where(deviation > 0, (scores - mean) / deviation, _LOWEST))
    return np.where(np.isnan(scores), np.nan, np.where(scaled <= 0, _LOWEST, scaled))


def _elastic_min_max(scores: Floats) -> Floats:
    low, high = over_present(np.min, scores, np.inf), over_present(np.max, scores, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(high - low >= 1e-6, (scores - low) / (high - low), scores)


def _reciprocal(scores: Floats, k: float) -> Floats:
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), axis=-1, kind="stable")
    ranks = np.argsort(order, axis=-1, kind="stable") + 1
    return np.where(np.isnan(scores), np.nan, 1 / (k + ranks))


_FORMULAS: dict[str, Normed] = {
    "min_max": _opensearch_min_max,
    "z_score": _opensearch_z_score,
    "minmax": _elastic_min_max,
    "none": _same,
}
_CAUTIONS = {"z_score": "Below the mean of its list every product scores .001 there, and 1 at the mean."}


@dataclass(frozen=True)
class TakenHome:
    """A fusion in an engine's words. requests: JSON bodies by what each is. formula: (S, ..., C) scores of the parts,
    nan outside a part's list, to (..., C) fused, -inf for what is not returned. caution: where it is not quite ours."""

    engine: str
    parts: tuple[Part, ...]
    requests: Mapping[str, Request]
    formula: Callable[[Sequence[Floats]], Floats] = field(repr=False)
    caution: str = ""


def _adds_scores(fusion: Fusion) -> bool:
    return fusion.rule.linear and fusion.rule.reads_norm


def taken_home(dataset: Dataset, fusion: Fusion, engine: str) -> TakenHome:
    """The chosen fusion for an engine of ENGINES. Raises InputError with the reason where it cannot express it."""
    label, k = ENGINES[engine].label, fusion.rrf_k
    if fusion.rule.reads_k:
        if not (k == int(k) and 1 <= k <= _MOST_K):
            raise InputError(f"{label} takes whole numbers from 1 to {_MOST_K:,} for k, not {k:g}")
        return ENGINES[engine].by_ranks(parts_of(dataset, fusion), int(k))
    if not _adds_scores(fusion):
        raise InputError(f"{label} has no {fusion.rule.label.lower()}; choose weighted scores or reciprocal ranks")
    known = {name: norm.in_engines[engine] for name, norm in NORMS.items() if engine in norm.in_engines}
    if fusion.norm not in known:
        raise InputError(f"{label} does not have the norm {fusion.norm}; choose from: {', '.join(known)}")
    return ENGINES[engine].by_scores(parts_of(dataset, fusion), known[fusion.norm])


def _opensearch(parts: tuple[Part, ...], processor: Request, norm: Normed, caution: str = "") -> TakenHome:
    search: Request = {"hybrid": {"queries": [part.query for part in parts], "pagination_depth": SHORTLIST}}
    requests: dict[str, Request] = {
        "Search pipeline": {"phase_results_processors": [processor]},
        "Search": {"query": search},
    }
    weights = [part.weight for part in parts]
    return TakenHome("opensearch", parts, requests, partial(_weighted, weights, norm), caution)


def _opensearch_by_ranks(parts: tuple[Part, ...], k: int) -> TakenHome:
    combination = {"technique": "rrf", "rank_constant": k, "parameters": {"weights": [part.weight for part in parts]}}
    return _opensearch(parts, {"score-ranker-processor": {"combination": combination}}, partial(_reciprocal, k=k))


def _opensearch_by_scores(parts: tuple[Part, ...], norm: str) -> TakenHome:
    combination = {"technique": "arithmetic_mean", "parameters": {"weights": [part.weight for part in parts]}}
    processor = {"normalization-processor": {"normalization": {"technique": norm}, "combination": combination}}
    return _opensearch(parts, processor, _FORMULAS[norm], _CAUTIONS.get(norm, ""))


def _elasticsearch_by_ranks(parts: tuple[Part, ...], k: int) -> TakenHome:
    lists = [{"retriever": part.retriever, "weight": part.weight} for part in parts]
    retriever = {"rrf": {"retrievers": lists, "rank_constant": k, "rank_window_size": SHORTLIST}}
    formula = partial(_weighted, [part.weight for part in parts], partial(_reciprocal, k=k))
    return TakenHome("elasticsearch", parts, {"Search": {"retriever": retriever}}, formula)


def _elasticsearch_by_scores(parts: tuple[Part, ...], norm: str) -> TakenHome:
    # Without a norm halved cosines beside whole BM25 would count half.
    twice = _FORMULAS[norm] is _same
    weights = [part.weight * (2 if twice and part.in_engine is _halved else 1) for part in parts]
    weighed = zip(parts, weights, strict=True)
    lists = [{"retriever": part.retriever, "weight": w, "normalizer": norm} for part, w in weighed]
    retriever = {"linear": {"retrievers": lists, "rank_window_size": SHORTLIST}}
    formula = partial(_weighted, weights, _FORMULAS[norm])
    return TakenHome("elasticsearch", parts, {"Search": {"retriever": retriever}}, formula)


@dataclass(frozen=True)
class Engine:
    """A search engine. by_ranks: reciprocal ranks of some parts by a constant; by_scores: their weighted scores by a
    norm, under the engine's name for it."""

    label: str
    by_ranks: Callable[[tuple[Part, ...], int], TakenHome]
    by_scores: Callable[[tuple[Part, ...], str], TakenHome]


ENGINES = {
    "opensearch": Engine("OpenSearch", _opensearch_by_ranks, _opensearch_by_scores),
    "elasticsearch": Engine("Elasticsearch", _elasticsearch_by_ranks, _elasticsearch_by_scores),
}
