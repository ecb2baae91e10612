"""The judged queries of a bundle: their names, and the groups that they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqid_core.analysis import opening, query_groups
from sqid_core.analysis.groupings import categories
from sqid_core.bundle.load import Dataset
from sqid_core.types import Floats, Modality, Names
from sqid_ui.caches.bundles import distinct
from sqid_ui.caches.keys import cached


@cached(max_entries=4, any_order=True)
def query_names(shown: Dataset) -> Mapping[str, str]:
    """The text of every judged query by its id, in the order of the bundle."""
    judged = shown.queries[shown.judgements.lengths > 0]
    return dict(zip(judged["query_id"].astype(str), judged["query"].astype(str), strict=True))


@cached(max_entries=4, any_order=True)
def query_labels(shown: Dataset) -> Mapping[str, str]:
    """What a box of queries calls each, by its id: its text, with the id where several have it. A box knows its options
    by what they are called, so that of equal ones only the last could be picked."""
    names = query_names(shown)
    times = Counter(names.values())
    return {query_id: text if times[text] == 1 else f"{text} · {query_id}" for query_id, text in names.items()}


@cached(max_entries=4, any_order=True)
def query_ids(shown: Dataset) -> frozenset[str]:
    """The ids of the judged queries."""
    return frozenset(query_names(shown))


@cached(max_entries=4)
def examples(shown: Dataset) -> tuple[opening.Example, ...]:
    """What a first visit opens on, and offers beside it."""
    return opening.examples(shown)


@cached(max_entries=4, any_order=True)
def topics(shown: Dataset) -> Names:
    """(Q,) the department that each query is about, None where the bundle has no categories."""
    return categories(shown)


@cached(max_entries=4, any_order=True)
def topic_names(shown: Dataset) -> tuple[str, ...]:
    """The departments that queries are about, by name."""
    return distinct(topics(shown))


@cached(max_entries=4, any_order=True)
def sources(shown: Dataset) -> tuple[str, ...]:
    """Where the queries came from, by name."""
    return distinct(shown.queries["source"].unique()) if "source" in shown.queries else ()


@cached(max_entries=4, spinner="Measuring all judged queries", any_order=True)
def single_ndcgs(shown: Dataset) -> Mapping[Modality, Floats]:
    """(Q,) NDCG of each query by the bundle's own first text and first image signal alone."""
    return query_groups.single_ndcgs(shown)


@cached(max_entries=4, any_order=True)
def query_difficulties(shown: Dataset) -> Names:
    """(Q,) how hard each judged query is, None where that is undefined."""
    return query_groups.difficulties(single_ndcgs(shown), query_groups.random_ndcg(shown))
