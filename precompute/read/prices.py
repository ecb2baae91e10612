"""Prices as shops write them: a number, the currency that stands beside it, and what could not be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sqid_core.types import Floats

# What stands beside a number, and the currency's code where it is no other's.
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "¥", "₹": "INR", "₩": "KRW", "₽": "RUB", "zł": "PLN", "$": "$", "kr": "kr"}
_SIGNS |= {"US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "R$": "BRL", "HK$": "HKD", "NZ$": "NZD"}
_UNIT = r"[A-Za-z]{0,3}\$|[€£¥₹₩₽]|zł|kr\.?|[A-Z]{3}"
_NUMBER = r"[+-]?[\d][\d.,'\u2019]*"
_PRICE = re.compile(rf"(?P<before>{_UNIT})?\s*(?P<number>{_NUMBER})(?:[.,][-–—])?\s*(?P<after>{_UNIT})?")
# One or two digits behind the last comma are decimals; other commas stand between thousands.
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}([.'\u2019]\d{3})+),\d{1,2}")
_NOTHING = frozenset({"", "nan", "none", "null", "n/a", "na", "inf", "-inf", "-"})


@dataclass(frozen=True, eq=False)
class Prices:
    """values: (N,) nan where there is none. currency: what all prices that name one name, "" where they do not agree.
    unread: texts that are no price."""

    values: Floats = field(repr=False)
    currency: str
    unread: Sequence[str]


def prices(texts: Sequence[str | None]) -> Prices:
    """Reads "$1,299.00", "12,99 €", "US$ 5.00", "EUR 7" and plain numbers."""
    read = [_price(text) for text in texts]
    values = np.array([np.nan if found is None else found[0] for found in read], dtype=np.float64)
    named = Counter(found[1] for found in read if found is not None and found[1])
    unread = [str(text) for text, found in zip(texts, read, strict=True) if found is None and not _is_nothing(text)]
    return Prices(values, next(iter(named)) if len(named) == 1 else "", unread)


def _is_nothing(text: str | None) -> bool:
    return text is None or text.strip().lower() in _NOTHING


def _price(text: str | None) -> tuple[float, str] | None:
    if text is None:
        return None
    bare = re.sub(r"[\u00a0\u202f\s]+", " ", text).strip()
    try:
        value = float(bare)
        return (value, "") if np.isfinite(value) else None
    except ValueError:
        pass
    # A blank between digits stands between thousands.
    found = _PRICE.fullmatch(re.sub(r"(?<=\d) (?=\d{3})", "", bare))
    if found is None or (found["before"] and found["after"]):
        return None
    number = found["number"].rstrip(".,")
    if _DECIMAL_COMMA.fullmatch(number):
        number = re.sub(r"[.'\u2019]", "", number).replace(",", ".")
    try:
        value = float(re.sub(r"[,'\u2019]", "", number))
    except ValueError:
        return None
    unit = (found["before"] or found["after"] or "").rstrip(".")
    return value, _SIGNS.get(unit, unit)
