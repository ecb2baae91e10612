"""Label scales: what the judges could say, and what each label is worth."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError
from ..types import Array, Bools, Floats
from ..wording import listed

_LONGEST, _MOST_TABLES, _LARGEST_GAIN = 200, 100, 1e100
# It stands in a page's style: no address, which a visitor's browser would fetch, and nothing else of CSS.
_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def grade_number(text: str) -> float | None:
    """The number that a label is, such as 0.5 of "0.50" and of "0,5"; None for a word. As float32, in which many files
    hold their ratings."""
    return float(np.float32(text.strip().replace(",", "."))) if _NUMBER.fullmatch(text.strip()) else None


@dataclass(frozen=True)
class LabelScale:
    """Graded labels, best first. A label is stored as its position in the scale. Names that are numbers are compared as
    numbers: 1.0 is 1.

    names, letters, colors: one a label; a color is the background of a chip with white text.
    gain_tables: (name, gains) pairs, the first being the default; gains are in label order and at least 0.
    relevant_from: the last label that counts as relevant, for the measures that ask whether a product is.

    >>> LabelScale(("Good", "Bad"), ("G", "B"), ("#047857", "#6b7280"), (("own", (1.0, 0.0)),))
    LabelScale(Good, Bad; gains own)
    >>> ESCI.code("substitute"), ESCI.gains("paper")
    (1, array([1.  , 0.1 , 0.01, 0.  ]))
    """

    names: tuple[str, ...]
    letters: tuple[str, ...]
    colors: tuple[str, ...]
    gain_tables: tuple[tuple[str, tuple[float, ...]], ...]
    relevant_from: int = 0

    def __post_init__(self) -> None:
        count = len(self.names)
        if not 1 <= count <= 100:
            raise ValueError(f"a label scale has 1 to 100 labels, got {count}")
        if len(self.letters) != count or len(self.colors) != count:
            raise ValueError(f"expected {count} letters and colors, got {len(self.letters)} and {len(self.colors)}")
        if not all(0 < len(text) <= _LONGEST and text.isprintable() for text in (*self.names, *self.letters)):
            raise ValueError(
                f"label names and letters are printable and have 1 to {_LONGEST} letters, got {self.names}"
            )
        if not all(_COLOR.fullmatch(color) for color in self.colors):
            raise ValueError(f"colors are written #rrggbb or as a plain name, got {self.colors}")
        words = [{name.lower(), letter.lower()} for name, letter in zip(self.names, self.letters, strict=True)]
        if sum(map(len, words)) > len(set().union(*words)):
            raise ValueError(f"label names and letters must be distinct, got {self.names} and {self.letters}")
        if not 1 <= len(self.gain_tables) <= _MOST_TABLES or len(set(self.gain_names)) < len(self.gain_tables):
            raise ValueError(
                f"a label scale needs at least one gain table, at most {_MOST_TABLES}, with names of their own"
            )
        for name, gains in self.gain_tables:
            if not 0 < len(name) <= _LONGEST or not name.isprintable():
                raise ValueError(f"a gain table's name is printable and has 1 to {_LONGEST} letters, got {name[:80]!r}")
            if len(gains) != count or not all(0 <= g <= _LARGEST_GAIN for g in gains) or max(gains) == 0:
                raise ValueError(
                    f"gain table {name!r} must hold {count} finite gains >= 0, one of them above 0: {gains}"
                )
        if not 0 <= self.relevant_from < count:
            raise ValueError(f"relevant_from must be a label's position, 0 to {count - 1}, got {self.relevant_from}")

    def __repr__(self) -> str:
        return f"LabelScale({listed(self.names)}; gains {listed(self.gain_names)})"

    @cached_property
    def _codes(self) -> dict[str, int]:
        by_name = {name.lower(): i for i, name in enumerate(self.names)}
        return {letter.lower(): i for i, letter in enumerate(self.letters)} | by_name

    @cached_property
    def _numbers(self) -> dict[float, int]:
        grades = ((grade_number(name), i) for i, name in enumerate(self.names))
        return {grade: i for grade, i in grades if grade is not None}

    @property
    def gain_names(self) -> tuple[str, ...]:
        """The names of the gain tables, the default first."""
        return tuple(name for name, _ in self.gain_tables)

    @property
    def default_gains(self) -> str:
        """The name of the gain table used where none is named."""
        return self.gain_tables[0][0]

    @property
    def relevant_names(self) -> tuple[str, ...]:
        """The labels that count as relevant, best first."""
        return self.names[: self.relevant_from + 1]

    def code(self, text: str) -> int:
        """The position of a label given by its name or letter, in any case; InputError if there is none."""
        word, number = text.strip().lower(), grade_number(text)
        found = self._codes.get(word)
        if found is None and number is not None:
            found = self._numbers.get(number)
        if found is None:
            known = ", ".join(f"{name} ({letter})" for name, letter in zip(self.names, self.letters, strict=True))
            raise InputError(f"unknown label {text[:80]!r}; expected one of: {known}")
        return found

    def gains(self, table: str | None = None) -> Floats:
        """(L,) gain of each label under the named table, the default table if None."""
        tables = dict(self.gain_tables)
        name = self.default_gains if table is None else table
        if name not in tables:
            raise InputError(f"unknown gains {name!r}; choose one of: {', '.join(tables)}")
        return np.array(tables[name], dtype=np.float64)

    def is_relevant(self, labels: Array) -> Bools:
        """Which labels count as relevant; -1 (padding, unjudged) does not."""
        return (labels >= 0) & (labels <= self.relevant_from)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as the manifest holds them: gains are floating-point numbers."""
        tables = [[name, [float(gain) for gain in gains]] for name, gains in self.gain_tables]
        return asdict(self) | {"gain_tables": tables}


# Gains: SQID (arXiv 2405.15190) scores S .1 and C .01; ESCI's own script has the two swapped.
# Colors: white text on each has a contrast of at least 4.5:1; the letter says the same without color.
ESCI = LabelScale(
    names=("Exact", "Substitute", "Complement", "Irrelevant"),
    letters=("E", "S", "C", "I"),
    colors=("#047857", "#1d4ed8", "#b45309", "#6b7280"),
    gain_tables=(("paper", (1.0, 0.1, 0.01, 0.0)), ("esci-script", (1.0, 0.01, 0.1, 0.0))),
    relevant_from=0,
)
