"""What a query's words say before anybody judges anything: its length, a colour, a negation, a number or unit, a brand.

English only: in another language everything but the length and the digits is "no"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from ..types import Bools, Positions

_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
COLOURS = frozenset(
    """
    amber aqua azure beige black blonde blue bronze brown burgundy camel champagne charcoal chestnut clear coral cream
    crimson cyan emerald fuchsia gold golden gray green grey indigo ivory khaki lavender lilac lime magenta mahogany
    maroon mauve mint multicolor multicolored mustard navy nude olive orange peach pink plum purple rainbow red rose
    ruby rust
    salmon sand sapphire scarlet silver tan taupe teal terracotta turquoise violet white yellow
    """.split()
)
NEGATIONS = frozenset(
    "no not non none never without w/o except minus free excluding isn't don't doesn't aren't".split()
)
UNITS = frozenset(
    """
    inch inches in ft feet foot yard yards yd mm cm meter meters m km oz ounce ounces lb lbs pound pounds g gram
    grams kg mg ml l liter liters litre litres gallon gallons gal quart qt pint cup cups watt watts w volt volts v
    amp amps mah gb tb mb hz ghz pack packs pcs pieces piece count ct set pair dozen size xl xxl xs qty degree
    degrees psi one two three four five six seven eight nine ten twelve
    """.split()
)
# A word of one or two letters is a unit only behind a number: "5 in", but not "in black".
_SHORT_UNIT = 2
_SHORTEST_NAME = 3


def words(query: str) -> list[str]:
    """The query's words in small letters, without punctuation."""
    return _WORD.findall(query.lower())


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Each word of a text in small letters, with where it starts and ends."""
    return [(found[0].lower(), *found.span()) for found in _WORD.finditer(text)]


def word_counts(queries: Sequence[str]) -> Positions:
    """(Q,) number of words."""
    return np.array([len(words(query)) for query in queries], dtype=np.int64)


def names_a_colour(queries: Sequence[str]) -> Bools:
    """(Q,) whether a colour word is among the words."""
    return np.array([not COLOURS.isdisjoint(words(query)) for query in queries], dtype=bool)


def has_a_negation(queries: Sequence[str]) -> Bools:
    """(Q,) whether something is excluded: not, no, without, w/o, ..., or a word that ends in -free. (Not
    -less: stainless and wireless exclude nothing.)"""
    return np.array([_negates(query) for query in queries], dtype=bool)


def _negates(query: str) -> bool:
    found = set(query.lower().split()) | set(words(query))
    return not NEGATIONS.isdisjoint(found) or any(word.endswith("-free") for word in found)


def has_a_number(queries: Sequence[str]) -> Bools:
    """(Q,) whether there is a digit, a number word or a unit."""
    return np.array([_counts(query) for query in queries], dtype=bool)


def _counts(query: str) -> bool:
    if any(letter.isdigit() for letter in query):
        return True
    return any(word in UNITS and len(word) > _SHORT_UNIT for word in words(query))


def as_words(name: object) -> str:
    """A name, such as a brand, as `holds_one_of` takes it; "" for what is no text or shorter than three letters."""
    found = " ".join(words(name)) if isinstance(name, str) else ""
    return found if len(found) >= _SHORTEST_NAME else ""


def holds_one_of(query: str, names: Iterable[str]) -> bool:
    """Whether one of the names, of `as_words`, is part of the query, word for word."""
    text = f" {' '.join(words(query))} "
    return any(name and f" {name} " in text for name in names)
