"""Books: what is to be judged, by whom and how. (The word is Quepid's.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Order = Literal["random", "query", "worst"]
ORDERS: tuple[Order, ...] = get_args(Order)
TAGS = (
    "picture misleads",
    "picture missing or poor",
    "title lacks what is asked",
    "brand taken for type",
    "negation missed",
    "number or size ignored",
    "accessory instead of the thing",
    "label wrong",
    "query unclear",
)


@dataclass(frozen=True)
class Book:
    """A piece of judging work.

    bundle, fingerprint: the bundle's name, which acts are joined by, and its state when the book was made. source: how
    the pairs were drawn, in words that people read. by_chance: whether every pair of a population could be drawn with a
    known probability: only then are there corrected means. judges: how many should judge each pair. guidelines:
    Markdown. tags: of findings. blind: labels, ranks and scores stay hidden until a pair is done. repeats: share of
    pairs that a judge sees twice. anybody: whether a visitor who was given no role may judge.
    """

    id: str
    name: str
    bundle: str
    fingerprint: str
    source: str
    by_chance: bool = False
    judges: int = 1
    guidelines: str = ""
    tags: tuple[str, ...] = TAGS
    blind: bool = True
    order: Order = "random"
    repeats: float = 0.0
    anybody: bool = True
    closed: bool = False


def drawn_by_chance(books: Iterable[Book]) -> frozenset[str]:
    """The ids of those whose pairs were drawn so: only they speak for pairs that are not in them."""
    return frozenset(book.id for book in books if book.by_chance)


# One row a pair of a book, by number (0, 1, …: the order "worst" means). probability: that this pair is in the book,
# nan where it was not drawn by chance. stratum: what it was drawn from. why: for people, such as "rank 3 of fused".
PAIR_COLUMNS: Mapping[str, npt.DTypeLike] = {
    "number": np.int64,
    "query_id": object,
    "product_id": object,
    "probability": np.float64,
    "stratum": object,
    "why": object,
}
