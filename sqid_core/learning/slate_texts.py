"""Words of queries and products as features compare them: small letters, without plurals and punctuation."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..analysis.query_words import COLOURS, UNITS, words
from ..types import Positions, Rows
from .slates import Slates

_SAME_UNIT = {
    "inches": "inch",
    "in": "inch",
    "feet": "foot",
    "ft": "foot",
    "ounce": "oz",
    "ounces": "oz",
    "pounds": "lb",
    "pound": "lb",
    "lbs": "lb",
    "litre": "liter",
    "litres": "liter",
    "metre": "meter",
    "metres": "meter",
    "grey": "gray",
    "pcs": "piece",
}
_SHORTEST_PLURAL = 4
_MEASURE = re.compile(
    rf"(\d+(?:[.,]\d+)?)[\s-]*({'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))})\b", re.IGNORECASE
)
_SIZE = re.compile(r"\b(x{0,4}s|x{0,4}l|small|medium|large|x-large|xx-large|twin|full|queen|king)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def singular(word: str) -> str:
    """A word without the s of its plural, and with one spelling for those that have two."""
    if word in _SAME_UNIT:
        return _SAME_UNIT[word]
    is_plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


_COLOURS = frozenset(map(singular, COLOURS))


@dataclass(frozen=True)
class Text:
    """A query, or a text of a product. None, and what is no text, has no words."""

    plain: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(sys.intern(singular(word)) for word in words(self.plain))

    @property
    def spaced(self) -> str:
        """The words with a blank before, between and behind them."""
        return f" {' '.join(self.words)} "

    @cached_property
    def trigrams(self) -> frozenset[str]:
        """Three letters in a row of `spaced`: of a query, as a title has too many to be kept."""
        spaced = self.spaced
        return frozenset(spaced[i : i + 3] for i in range(len(spaced) - 2)) if self.words else frozenset()

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, as they are written."""
        return frozenset(_NUMBER.findall(self.plain))

    @cached_property
    def measures(self) -> dict[str, frozenset[str]]:
        """Numbers by their unit, `12` by `oz`; words for sizes, such as `xl`, by `size`."""
        found: dict[str, set[str]] = {}
        for number, unit in _MEASURE.findall(self.plain):
            found.setdefault(singular(unit.lower()), set()).add(number.replace(",", "."))
        sizes = {size.lower() for size in _SIZE.findall(self.plain)}
        return {unit: frozenset(numbers) for unit, numbers in (found | ({"size": sizes} if sizes else {})).items()}

    @cached_property
    def colours(self) -> frozenset[str]:
        """The colour words among its words."""
        return _COLOURS.intersection(self.words)


def _text(value: object) -> Text:
    return Text(value if isinstance(value, str) else "")


@dataclass(frozen=True, eq=False)
class SlateTexts:
    """The texts of slates, each read once. asked: (Q,) the queries. place: (P,) of a pair's product in the columns."""

    slates: Slates = field(repr=False)

    @cached_property
    def asked(self) -> list[Text]:
        """(Q,) the queries."""
        return [_text(text) for text in self.slates.texts]

    @cached_property
    def _unique(self) -> tuple[Rows, Positions]:
        rows, place = np.unique(self.slates.rows, return_inverse=True)
        return rows, place.astype(np.int64)

    def column(self, name: str) -> Sequence[Text]:
        """(U,) a column of the products that are in some slate, in the order of `place`."""
        if name not in self._columns:
            there = self.slates.products.get(name)
            rows = self._unique[0]
            values: Iterable[object] = [None] * len(rows) if there is None else there.iloc[rows]
            known: dict[object, Text] = {}
            self._columns[name] = [known.setdefault(value, _text(value)) for value in values]
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Sequence[Text]]:
        return {}

    @property
    def place(self) -> Positions:
        """(P,) where a pair's product stands in a `column`."""
        return self._unique[1]
