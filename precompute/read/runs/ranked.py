"""What a file of rankings says, whatever its format: products with scores, query by query."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqid_core.errors import InputError

# Where it stands (the number of a line, row or object), the query (its id, or its text), the product, the score.
Row = tuple[int, str, str, float]


@dataclass(frozen=True, eq=False)
class Ranked:
    """rows: of all, as they are read. unit: what their number counts. notes: how the file is understood. whole_esci:
    whether it may rank more than a slice, as ESCI's own results do: other locales, splits and versions."""

    rows: Iterator[Row] = field(repr=False)
    unit: str = "line"
    notes: tuple[str, ...] = ()
    whole_esci: bool = False


def number_of(text: str) -> float | None:
    """A finite number, or None."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def score_of(text: str, where: str) -> float:
    """A finite number. Raises InputError."""
    found = number_of(text)
    if found is None:
        raise InputError(f"{where} has the score {text[:40]!r}; expected a finite number")
    return found
