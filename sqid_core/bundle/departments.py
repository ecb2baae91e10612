"""Named groups of queries and products: which category a query is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from ..types import Names, Rows
from .judgements import Judgements

# Between the levels of a category path, from the widest to the narrowest.
SEPARATOR = " > "
# A typed query has no judgements: its category is that of its first text hits.
TYPED_HITS = 10


def departments(categories: Iterable[object]) -> Names:
    """(N,) the first level of each category path, None where there is none."""
    return np.array([_first_level(category) for category in categories], dtype=object)


def mode(names: Iterable[str | None]) -> str | None:
    """The most frequent name, of several the one that comes first; None does not count. None where there is no name."""
    counts = Counter(name for name in names if name is not None)
    # Equal counts stay in the order in which they were first met.
    return max(counts, key=counts.__getitem__, default=None)


def judged_categories(categories: Names, judgements: Judgements) -> Names:
    """(Q,) the mode of each query's judged products, whatever their labels; None where no product has a category.

    categories: (N,) a name or None for each product. Ties go to the category of the lowest row: slates ascend by the
    hash of the product's id, so neither the labels nor the order of a file decide.
    """
    found = [mode(categories[slate[mask]]) for slate, mask in zip(judgements.rows, judgements.mask, strict=True)]
    return np.array(found, dtype=object)


def typed_category(categories: Names, text_rows: Rows) -> str | None:
    """The mode of a typed query's first ten text hits; ties go to the better rank.

    text_rows: product rows, best first, -1 where there are fewer.
    """
    first = text_rows[:TYPED_HITS]
    return mode(categories[first[first >= 0]])


def _first_level(category: object) -> str | None:
    if not isinstance(category, str):
        return None
    return category.split(SEPARATOR, 1)[0].strip() or None
