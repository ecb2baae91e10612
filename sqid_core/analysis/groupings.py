"""Groups of judged queries: by what they are about, how they are worded, and what their slates hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..bundle.departments import departments, judged_categories
from ..bundle.load import Dataset
from ..types import Bools, Floats, Names, Positions
from . import query_words
from .query_columns import as_texts, in_order, with_few_values

# Fewer queries than this say little: such groups are shown and marked.
SMALL = 10
_MOST_GROUPS = 30
_OTHERS = "others"


@dataclass(frozen=True, eq=False)
class Groups:
    """A grouping of the queries. names: (G,) in the order to show. of_query: (Q,) the group of each, -1 for none."""

    names: tuple[str, ...]
    of_query: Positions = field(repr=False)

    def rows(self, name: str) -> Positions:
        """The queries of a group; none for an unknown name."""
        return np.flatnonzero(self.of_query == self.names.index(name)) if name in self.names else np.empty(0, np.int64)

    def within(self, rows: Positions) -> Groups:
        """Of some queries alone; groups that none of them is in are left out."""
        kept = np.full(len(self.of_query), -1, dtype=np.int64)
        kept[rows] = self.of_query[rows]
        left = np.unique(kept[kept >= 0])
        number = np.full(len(self.names) + 1, -1, dtype=np.int64)
        number[left] = np.arange(len(left))
        return Groups(tuple(self.names[each] for each in left), number[kept])

    @property
    def labels(self) -> Names:
        """(Q,) the name of each query's group, None for none."""
        return np.array([*self.names, None], dtype=object)[self.of_query]


@dataclass(frozen=True)
class Grouping:
    """A way to group queries. about: one sentence on how a query gets its group. needs: (table, column) without which
    there is nothing to group by."""

    make: Callable[[Dataset], Groups]
    about: str
    needs: tuple[str, str] | None = None


def by_size(names: Sequence[str | None]) -> Groups:
    """The largest group first; beyond thirty groups the smallest are one, `others`. None belongs to no group."""
    found, counts = np.unique([name for name in names if name is not None], return_counts=True)
    ordered = [str(name) for name in found[np.argsort(-counts, kind="stable")]]
    # A group may have that name itself: it joins the rest.
    few = len(ordered) <= _MOST_GROUPS
    kept = ordered if few else [name for name in ordered if name != _OTHERS][: _MOST_GROUPS - 1]
    position = {name: i for i, name in enumerate(kept)}
    groups = tuple(kept) + (() if few else (_OTHERS,))
    others = len(kept)
    return Groups(groups, np.array([-1 if n is None else position.get(n, others) for n in names], dtype=np.int64))


def in_bins(values: npt.NDArray[np.floating], edges: Sequence[float], names: Sequence[str]) -> Groups:
    """Values at most edges[0] are in the first group, ..., above the last edge in the last; nan is in none."""
    found = np.searchsorted(edges, values, side="left")
    return Groups(tuple(names), np.where(np.isnan(values), -1, found).astype(np.int64))


def _yes_no(flags: Bools, yes: str, no: str) -> Groups:
    return Groups((yes, no), np.where(flags, 0, 1).astype(np.int64))


def _texts(dataset: Dataset) -> list[str]:
    return dataset.queries["query"].astype(str).tolist()


def categories(dataset: Dataset) -> Names:
    """(Q,) the department that most of a query's judged products are in, None where there is none."""
    if not _holds(dataset, "products", "category"):
        return np.full(len(dataset.judgements), None, dtype=object)
    return judged_categories(departments(dataset.products["category"]), dataset.judgements)


def _sources(dataset: Dataset) -> Groups:
    sources = dataset.queries.get("source")
    return by_size([None] * len(dataset.queries) if sources is None else [_text(name) for name in sources])


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _lengths(dataset: Dataset) -> Groups:
    counts = query_words.word_counts(_texts(dataset)).astype(np.float64)
    return in_bins(
        counts, [1, 2, 3, 4, 6], ["1 word", "2 words", "3 words", "4 words", "5–6 words", "7 and more words"]
    )


def with_pictures(dataset: Dataset) -> Floats:
    """(Q,) share of the judged products that have a picture: by the image signal where there is one, else by the
    table."""
    judgements = dataset.judgements
    signal = dataset.signal("image")
    if signal is not None:
        there = signal.knows(judgements)
    else:
        there = dataset.products["image"].notna().to_numpy()[judgements.rows] & judgements.mask
    with np.errstate(invalid="ignore"):
        return there.sum(axis=1) / judgements.lengths


def _pictures(dataset: Dataset) -> Groups:
    names = ["none", "up to half", "half to 90 %", "90 % and more", "all"]
    share = with_pictures(dataset)
    # 90 % belongs to "90 % and more".
    return in_bins(share, [0.0, 0.5, np.nextafter(0.9, 0), np.nextafter(1.0, 0)], names)


def _judged_counts(dataset: Dataset) -> Groups:
    counts = np.where(dataset.judgements.lengths > 0, dataset.judgements.lengths, np.nan)
    names = ["1–10", "11–20", "21–40", "41 and more"]
    return in_bins(counts, [10, 20, 40], [f"{name} products" for name in names])


def relevant_shares(dataset: Dataset) -> Floats:
    """(Q,) share of the judged products that count as relevant."""
    with np.errstate(invalid="ignore"):
        return dataset.scale.is_relevant(dataset.judgements.labels).sum(axis=1) / dataset.judgements.lengths


def _label_mix(dataset: Dataset) -> Groups:
    what = dataset.scale.names[0] if dataset.scale.relevant_from == 0 else "relevant"
    names = ["no", "up to a quarter", "a quarter to half", "half to three quarters", "over three quarters"]
    return in_bins(relevant_shares(dataset), [0.0, 0.25, 0.5, 0.75], [f"{name} {what}" for name in names])


def _brands(dataset: Dataset) -> Groups:
    if "brand" not in dataset.products:
        return Groups(("no brand",), np.full(len(dataset.queries), -1))
    # Each brand is read once, however many products it has.
    codes, names = pd.factorize(dataset.products["brand"])
    brands = np.array([query_words.as_words(name) for name in names] + [""], dtype=object)
    slates = zip(_texts(dataset), dataset.judgements.rows, dataset.judgements.lengths, strict=True)
    named = [query_words.holds_one_of(text, brands[np.unique(codes[rows[:length]])]) for text, rows, length in slates]
    return _yes_no(np.array(named, dtype=bool), "brand named", "no brand")


GROUPINGS: dict[str, Grouping] = {
    "category": Grouping(
        lambda d: by_size(list(categories(d))),
        "The department that most of a query’s judged products are in.",
        ("products", "category"),
    ),
    "source": Grouping(_sources, "How the query came into the data set.", ("queries", "source")),
    "query length": Grouping(_lengths, "Words in the query."),
    "colour word": Grouping(
        lambda d: _yes_no(query_words.names_a_colour(_texts(d)), "names a colour", "no colour"),
        "Whether the query names a colour.",
    ),
    "negation": Grouping(
        lambda d: _yes_no(query_words.has_a_negation(_texts(d)), "negation", "no negation"),
        "Whether the query excludes something: not, no, without …",
    ),
    "number or unit": Grouping(
        lambda d: _yes_no(query_words.has_a_number(_texts(d)), "number or unit", "neither"),
        "Whether the query holds a digit, a number word or a unit.",
    ),
    "products with pictures": Grouping(_pictures, "Share of the query’s judged products that have a picture."),
    "judged products": Grouping(_judged_counts, "How many products were judged for the query."),
    "label mix": Grouping(_label_mix, "Share of the query’s judged products that are relevant."),
    "brand in the query": Grouping(
        _brands, "Whether the query names the brand of one of its judged products.", ("products", "brand")
    ),
}


def column_groupings(dataset: Dataset) -> dict[str, Grouping]:
    """A grouping by each further column of the queries that has few values."""
    found: dict[str, Grouping] = {}
    for column in with_few_values(dataset.queries):
        name = column if column not in GROUPINGS else f"{column} (column)"
        found[name] = Grouping(partial(_by_column, column=column), f"The column {column} of the bundle’s queries.")
    return found


def _by_column(dataset: Dataset, column: str) -> Groups:
    texts = as_texts(dataset.queries[column])
    names = in_order(list(dict.fromkeys(text for text in texts if text is not None)))
    return Groups(tuple(names), np.array([-1 if text is None else names.index(text) for text in texts], dtype=np.int64))


def grouping_of(dataset: Dataset, name: str) -> Grouping:
    """A grouping by its name. Raises ValueError for an unknown one."""
    known = GROUPINGS | column_groupings(dataset)
    if name not in known:
        raise ValueError(f"unknown grouping {name!r}; choose one of: {', '.join(known)}")
    return known[name]


def groups_of(dataset: Dataset, grouping: str) -> Groups:
    """The groups of a grouping, empty ones left out. Raises ValueError for an unknown grouping."""
    made = grouping_of(dataset, grouping).make(dataset)
    counts = np.bincount(made.of_query[made.of_query >= 0], minlength=len(made.names))
    kept = np.flatnonzero(counts)
    position = np.full(len(made.names) + 1, -1)
    position[kept] = np.arange(len(kept))
    return Groups(tuple(made.names[i] for i in kept), position[made.of_query])


def offered(dataset: Dataset) -> tuple[str, ...]:
    """The groupings that this bundle has the columns for, and those by its own columns. One of them may still be
    without a group, where no judged product has what it reads."""
    known = (name for name, grouping in GROUPINGS.items() if grouping.needs is None or _holds(dataset, *grouping.needs))
    return (*known, *column_groupings(dataset))


def _holds(dataset: Dataset, table: str, column: str) -> bool:
    frame = dataset.products if table == "products" else dataset.queries
    return column in frame and bool(frame[column].notna().any())
