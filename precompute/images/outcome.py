"""What became of a picture, in the words of the status table."""

from __future__ import annotations

from dataclasses import dataclass

from precompute.fetch.retries import Patience
from sqid_core.bundle.picture_files import MOST_PIXELS
from sqid_core.bundle.shown_pictures import (  # a duplicate: another product's picture, pixel for pixel
    DONE,
    DUPLICATE,
    POOR,
)

__all__ = [
    "DEFAULT",
    "DONE",
    "DUPLICATE",
    "FINAL",
    "GONE",
    "MISSING",
    "NOT_AN_IMAGE",
    "POOR",
    "REFUSED",
    "STATUSES",
    "TOO_LARGE",
    "UNREACHABLE",
    "USUAL",
    "Limits",
    "Outcome",
]

MISSING = "missing"  # the product has no picture, or the folder of --from lacks it
GONE = "gone"  # 404 or 410
REFUSED = "refused"  # another answer, or an address that is not http or https
UNREACHABLE = "unreachable"  # no whole answer after several tries; the next run tries again
NOT_AN_IMAGE = "not an image"
TOO_LARGE = "too large"  # in bytes or in pixels
DEFAULT = "default picture"  # what a shop shows instead of a picture

STATUSES = (DONE, MISSING, GONE, REFUSED, UNREACHABLE, NOT_AN_IMAGE, TOO_LARGE, DEFAULT, DUPLICATE, POOR)
# Not asked for again by a later run; everything else is.
FINAL = frozenset({DONE, GONE, NOT_AN_IMAGE, DEFAULT, DUPLICATE, POOR})


@dataclass(frozen=True)
class Outcome:
    """file: its name in images/, "" where nothing is stored. sha256: of that file. content: a hash of its pixels before
    they were compressed: equal for equal pictures only. reason: for a person, not in the table."""

    status: str
    file: str = ""
    sha256: str = ""
    content: str = ""
    reason: str = ""


_PATIENCE = Patience(attempts=5, first_wait=0.5, longest_asked=120.0, read_seconds=30.0)


@dataclass(frozen=True)
class Limits:
    """What is read at most of one picture, and how patiently. seconds: for one answer, then it is tried again.
    internal: whether addresses of this machine and its network may be asked."""

    bytes: int = 20_000_000
    pixels: int = MOST_PIXELS
    seconds: float = 60.0
    internal: bool = False
    patience: Patience = _PATIENCE


USUAL = Limits()
