"""Pairs that rankings or people choose: suspect labels, losses and wins, disagreement, the queries of a set.

Such pairs are where something is to be found. They are no sample: what is found in them says nothing of the rest.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from ..analysis.query_sets import QuerySet
from ..analysis.suspects import suspect_labels
from ..bundle.load import Dataset
from ..errors import InputError
from ..evaluation.comparisons import RunComparison
from ..evaluation.reports import Run, scores_run
from ..evaluation.slate_scores import SlateScores, slate_scores
from ..types import Bools, Floats, Positions, Rows
from ..wording import counted, short
from .drawn import CHOSEN, Drawn, pair_frame, rank_discounts, run_ranks

Side = Literal["losses", "wins", "both"]
SIDES: tuple[Side, ...] = get_args(Side)


def suspects(dataset: Dataset, gains: str | None = None, most: int = 200, scores: SlateScores | None = None) -> Drawn:
    """The labels that text and image both contradict, the costliest first. Raises InputError without the two
    signals."""
    found = suspect_labels(dataset, gains, most, scores)
    names = dataset.scale.names
    facts = ["label", "text_rank", "image_rank", "judged", "should", "cost"]
    why = [
        f"{names[label]}, but text ranks it {text} and image {image} of {judged}: both would have it {should}, "
        f"which costs {cost:.3f} NDCG"
        for label, text, image, judged, should, cost in found[facts].itertuples(index=False)
    ]
    pairs = pair_frame(dataset, found["query"].to_numpy(), found["product"].to_numpy(), why)
    return Drawn(f"{CHOSEN}: {counted(len(pairs), 'label', 'labels')} that text and image both contradict", pairs)


def losses_and_wins(
    dataset: Dataset,
    runs: tuple[Run, Run],
    compared: RunComparison,
    side: Side = "both",
    queries: int = 50,
    each: int = 4,
) -> Drawn:
    """Of the queries on which B loses or wins most against A, the products that the two place most differently: of a
    label, the difference takes its gain times the step in the discount.

    runs: A and B. compared: theirs, which names them. each: pairs of a query at most. Raises ValueError for no side.
    """
    rows = _largest(compared, side)[:queries]
    ranks = [run_ranks(dataset.judgements, run) for run in runs]
    steps = np.abs(rank_discounts(ranks[1]) - rank_discounts(ranks[0]))
    query, place = _widest(rows, steps, each)
    a, b = (short(name) for name in compared.names)
    change = compared.b - compared.a
    why = [
        f"{_rank(of_a)} in {a}, {_rank(of_b)} in {b}, which {'loses' if lost < 0 else 'wins'} {abs(lost):.3f} NDCG here"
        for of_a, of_b, lost in zip(
            *(_told(dataset, each, query, place) for each in ranks), change[query].tolist(), strict=True
        )
    ]
    pairs = pair_frame(dataset, query, dataset.judgements.rows[query, place], why)
    what = {"losses": "biggest losses", "wins": "biggest wins", "both": "biggest losses and wins"}[side]
    return Drawn(f"{CHOSEN}: the {what} of {b} against {a}, {counted(len(rows), 'query', 'queries')}", pairs)


def disagreement(dataset: Dataset, most: int = 200, each: int = 4, scores: SlateScores | None = None) -> Drawn:
    """The pairs that text and image place most differently, at most `each` of a query: where one of them must be
    wrong. A product that one of them does not know, as one without a picture, is no disagreement.

    scores: of the two signals, where they are known. Raises InputError without them.
    """
    text, image = dataset.both_signals
    judgements = dataset.judgements
    both = (slate_scores(judgements, text, image) if scores is None else scores).both
    ranks = [run_ranks(judgements, scores_run("", values, judgements)) for values in both]
    known = np.logical_and(*map(np.isfinite, both)) & judgements.mask
    steps = np.where(known, np.abs(rank_discounts(ranks[1]) - rank_discounts(ranks[0])), 0.0)
    query, place = _widest(np.flatnonzero(judgements.lengths), steps, each)
    first = np.argsort(-steps[query, place], kind="stable")[:most]
    query, place = query[first], place[first]
    told = (_told(dataset, each, query, place) for each in ranks)
    why = [f"{_rank(of_text)} by text, {_rank(of_image)} by image" for of_text, of_image in zip(*told, strict=True)]
    pairs = pair_frame(dataset, query, judgements.rows[query, place], why)
    return Drawn(f"{CHOSEN}: where text and image disagree most", pairs)


def of_queries(dataset: Dataset, chosen: QuerySet) -> Drawn:
    """All judged pairs of a set of queries, in the set's order. Raises InputError where it holds none, or a query that
    is not here."""
    judgements = dataset.judgements
    place = {str(query_id): row for row, query_id in enumerate(judgements.query_ids.tolist())}
    missing = [each for each in chosen.ids if each not in place]
    if missing:
        raise InputError(f"{dataset.name} has no query {short(missing[0])!r}; choose the queries again")
    rows = np.array([place[each] for each in chosen.ids], dtype=np.int64)
    lengths = judgements.lengths[rows]
    if not lengths.sum():
        raise InputError(f"no product is judged for the queries of {short(chosen.name)!r}; choose others")
    query = np.repeat(rows, lengths)
    slot = np.arange(len(query)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    why = np.repeat(np.array([f"query {number:,} of the set" for number in range(1, len(rows) + 1)], object), lengths)
    pairs = pair_frame(dataset, query, judgements.rows[query, slot], why.tolist())
    return Drawn(f"the judged pairs of {counted(len(rows), 'query', 'queries')}: {short(chosen.name, 60)}", pairs)


def of_products(dataset: Dataset, chosen: Bools, name: str) -> Drawn:
    """All judged pairs whose product is chosen (N,), query by query. name: what was chosen. Raises InputError where
    there is none."""
    judgements = dataset.judgements
    query, slot = np.nonzero(chosen[judgements.rows] & judgements.mask)
    if not len(query):
        raise InputError(f"no product of {short(name, 60)} is judged; choose others")
    pairs = pair_frame(dataset, query, judgements.rows[query, slot], [f"of {short(name, 60)}"] * len(query))
    return Drawn(f"the judged pairs of {counted(int(chosen.sum()), 'product', 'products')}: {short(name, 60)}", pairs)


def _largest(compared: RunComparison, side: Side) -> Positions:
    if side not in SIDES:
        raise ValueError(f"unknown side {side!r}; choose one of: {', '.join(SIDES)}")
    rows = {"losses": [compared.losses], "wins": [compared.wins], "both": [compared.losses, compared.wins]}[side]
    joined = np.concatenate(rows)
    return joined[np.argsort(-np.abs(compared.b - compared.a)[joined], kind="stable")]


def _widest(rows: Rows, steps: Floats, each: int) -> tuple[Rows, Rows]:
    """(P,) query and (P,) place of the products with the largest steps (Q, C) of some queries, these in their order;
    none without a step."""
    order = np.argsort(-steps[rows], axis=1, kind="stable")[:, :each]
    query = np.repeat(rows, order.shape[1])
    place = order.ravel()
    found = steps[query, place] > 0
    return query[found], place[found]


def _told(dataset: Dataset, ranks: Positions, query: Rows, place: Rows) -> list[int]:
    """(P,) ranks from 1; 0 where a product has none."""
    found = ranks[query, place]
    return np.where(found < dataset.judgements.rows.shape[1], found + 1, 0).tolist()


def _rank(rank: int) -> str:
    return f"rank {rank}" if rank else "not returned"
