"""What the queue and the list of swaps are told, in columns. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sqid_core.analysis.differing import FIELDS, differences, matched_words
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.compared_slates import ComparedSlate
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.types import Rows
from sqid_ui.compare.state import LOSSES, SET
from sqid_ui.compare.words import cause_group, cause_sentence, fall_sentence, signal_words
from sqid_ui.parts.board.data import rank_of_order
from sqid_ui.parts.cards import label_fields, text
from sqid_ui.parts.picture_addresses import picture_address, place_of

# Rows of the queue around the query shown, and swaps, that travel to the browser.
_AROUND, _MOST_SWAPS = 100, 40
_LONGEST = 120
_KINDS = {"Text": "text", "Image": "image", "Text and image": "both"}


def queue_rows(
    comparison: RunComparison, queue: str, of_set: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """The rows of the queries in a queue, the largest difference first. of_set: those of the set that is walked, in its
    order."""
    if queue == SET and of_set is not None:
        return of_set
    return comparison.losses if queue == LOSSES else comparison.wins


def query_shown(comparison: RunComparison, rows: Rows, query_id: str, ids: npt.NDArray[np.object_]) -> int:
    """The row of the query to show: the one that was asked for, else the first of the queue's rows, else the first
    defined one, else the first that was judged; -1 where there is none. ids: (Q,)."""
    if query_id:
        return int(np.flatnonzero(ids == query_id)[0])
    if len(rows):
        return int(rows[0])
    defined = np.flatnonzero(~np.isnan(comparison.a))
    return int(defined[0]) if len(defined) else -1


def queue_data(
    comparison: RunComparison,
    rows: Rows,
    shown: int,
    ids: npt.NDArray[np.object_],
    names: Sequence[str],
) -> dict[str, Any]:
    """The queue around the query shown. rows: of the whole queue. shown: a query's row. ids, names: (Q,)."""
    differences = comparison.b - comparison.a
    place = int(np.argmax(rows == shown)) if shown in rows else 0
    start = max(0, place - _AROUND)
    part = rows[start : place + _AROUND + 1]
    return {
        "id": [str(ids[row]) for row in part],
        "text": [_cut(names[row]) for row in part],
        "difference": np.nan_to_num(differences[part]).tolist(),
        "first": start + 1,
        "largest": float(np.nanmax(np.abs(differences[rows]), initial=1e-9)),
        "shown": str(ids[shown]),
    }


def swaps_data(dataset: Dataset, slate: ComparedSlate, a: RunSpec, b: RunSpec, query_id: str) -> dict[str, Any]:
    """The largest swaps with their products, every cause's sum, and the sum of all."""
    words = signal_words(dataset, a, b)
    found = slate.swaps
    top = slice(_MOST_SWAPS)
    seen, place = np.unique(np.concatenate([found.up[top], found.down[top]]), return_inverse=True)
    groups = [cause_group(cause, words) for cause in slate.kinds]
    sentences = [cause_sentence(cause, words) for cause in slate.kinds]
    kinds = slate.kind[top]
    asked = text(dataset.queries["query"].iloc[dataset.judgements.row_of(query_id)])
    products = dataset.products.iloc[slate.rows[seen]]
    known = products.to_dict("records")
    fields = FIELDS | {name: name.capitalize() for name in label_fields(dataset.manifest.about) if name not in FIELDS}
    up, down = place[: len(kinds)], place[len(kinds) :]
    return {
        "query": query_id,
        "contribution": found.contribution[top].tolist(),
        "up": up.tolist(),
        "down": down.tolist(),
        "moved": moved_further(slate)[top].tolist(),
        "differs": [differences(known[one], known[other], fields) for one, other in zip(up, down, strict=True)],
        "fall": fall_sentence(
            slate, [text(title) for title in dataset.products["title"].iloc[slate.rows]], words, dataset.scale
        ),
        "rank": found.rank[top].tolist(),
        "cause": [sentences[kind] for kind in kinds],
        "kind": [_css_class(groups[kind]) for kind in kinds],
        "largest": float(np.abs(found.contribution).max(initial=0)),
        "count": len(found),
        "sum": float(found.contribution.sum()),
        "causes": _sums(groups, slate),
        "products": _products(dataset, slate, seen, asked),
        "scale": {"letters": dataset.scale.letters, "names": dataset.scale.names, "colors": dataset.scale.colors},
        "sentence": _sentence(slate),
    }


def _sums(groups: Sequence[str], slate: ComparedSlate) -> list[dict[str, Any]]:
    """What each group of causes adds up to, the largest first."""
    sums: dict[str, float] = {}
    for kind, name in enumerate(groups):
        sums[name] = sums.get(name, 0.0) + float(slate.swaps.contribution[slate.kind == kind].sum())
    largest_first = sorted(sums.items(), key=lambda item: -abs(item[1]))
    return [{"name": name, "kind": _css_class(name), "sum": value} for name, value in largest_first]


def _css_class(group: str) -> str:
    return _KINDS.get(group, "none" if group.startswith("No ") else "other")


def moved_further(slate: ComparedSlate) -> npt.NDArray[np.bool_]:
    """(S,) whether the product that went up moved further than the one it passed: its share stands beside it."""
    moves = np.abs(rank_of_order(slate.orders["a"]) - rank_of_order(slate.orders["b"]))
    return np.asarray(moves[slate.swaps.up] > moves[slate.swaps.down])


def _products(
    dataset: Dataset, slate: ComparedSlate, seen: npt.NDArray[np.int64], asked: str
) -> Mapping[str, list[Any]]:
    """asked: the query, whose words are marked in the titles."""
    facts = dataset.products.iloc[slate.rows[seen]]
    ranks = {name: rank_of_order(order)[seen].tolist() for name, order in slate.orders.items()}
    return {
        "id": [str(product) for product in facts["product_id"]],
        "title": [_marked(asked, _cut(text(title)) or "No title") for title in facts["title"]],
        "picture": [picture_address(image, place_of(dataset)) for image in facts["image"]],
        "label": slate.labels[seen].tolist(),
    } | ranks


def _marked(asked: str, title: str) -> list[str]:
    """A title in pieces, every second of which is a word of the query."""
    ends = [0, *(end for span in matched_words(asked, title) for end in span), len(title)]
    return [title[start:end] for start, end in pairwise(ends)]


def _sentence(slate: ComparedSlate) -> str:
    count = len(slate.swaps)
    swaps = "One swap" if count == 1 else f"Sum of {count:,} swaps"
    return f"{swaps} = NDCG of B {slate.ndcg['b']:.4f} − NDCG of A {slate.ndcg['a']:.4f}"


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
