"""Fusion methods: how each prepares its two columns, combines them with one weight, and what people are told of it.

Preparing (normalise, rank, fill in missing pictures) happens once; combining is one line a method, so that the weight
can be dragged. The browser gets the prepared columns and the combiner's name, never the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..types import Floats
from .missing import Missing
from .norms import NO_NORM, NORMS, Norm
from .ranks import ranks

# SQID's figures are at these weights (theirs are text weights: the same five).
_PUBLISHED_WEIGHTS = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True, eq=False)
class Raw:
    """What a method prepares its columns from. text, image: (..., C) raw scores, nan where a product lacks the signal.
    own: (..., C) cosine of a product's own text and picture, None where it is not known. runs: whether text and image
    are rankings, whose unranked products stand last. mixes: whether they are mixes, which are normed already."""

    text: Floats = field(repr=False)
    image: Floats = field(repr=False)
    own: Floats | None = field(repr=False)
    norm: Norm
    missing: Missing
    rrf_k: float
    runs: tuple[bool, bool]
    mixes: tuple[bool, bool] = (False, False)

    @property
    def normed(self) -> tuple[Floats, Floats]:
        """Text and image on the fusion's scale; a mix stays on its own."""
        text, image = (
            scores if is_mix else self.norm.apply(scores)
            for scores, is_mix in zip((self.text, self.image), self.mixes, strict=True)
        )
        return text, image


# a, b, c of `Columns`.
Prepared = tuple[Floats, Floats, Floats | None]


# --- preparing ---


def _score_columns(raw: Raw) -> Prepared:
    a, b = raw.normed
    of_text, of_image = raw.runs
    return raw.missing.of_text.filled(a, b, of_text), raw.missing.filled(b, a, of_image), None


def _compared_columns(raw: Raw) -> Prepared:
    # A maximum loses sight of the lower column, and with it of who was not ranked.
    a, b, _ = _score_columns(raw)
    if not any(raw.runs):
        return a, b, None
    of_text, of_image = raw.runs
    return a, b, raw.missing.of_text.behind(raw.text, of_text) + raw.missing.behind(raw.image, of_image)


def _rank_columns(raw: Raw) -> Prepared:
    a, b = -ranks(raw.text), -ranks(raw.image)
    return a, np.where(np.isnan(raw.image), a, b) if raw.missing.borrows else b, None


def _reciprocal_rank_columns(raw: Raw) -> Prepared:
    a, b, _ = _rank_columns(raw)
    return 1 / (raw.rrf_k - a), 1 / (raw.rrf_k - b), None


def _embedding_columns(raw: Raw) -> Prepared:
    text, image = raw.text, raw.image
    if raw.own is None:
        raise ValueError("embedding average needs the cosine of each product's own text and picture (text_image)")
    # With one of the two absent, a = b and c = 1 make the average that one alone, at every weight.
    a, b = np.where(np.isnan(text), image, text), np.where(np.isnan(image), text, image)
    alone = np.isnan(text) | np.isnan(image)
    return np.nan_to_num(a, nan=-1.0), np.nan_to_num(b, nan=-1.0), np.where(alone, 1.0, raw.own)


# --- combining: (a, b, c, w) -> fused. The board's rank.js holds the same three, term by term, by the same names. ---


def _weighted_sum(a: Floats, b: Floats, _: Floats | None, w: Any) -> Floats:
    return (1 - w) * a + w * b


def _weighted_max(a: Floats, b: Floats, c: Floats | None, w: Any) -> Floats:
    larger = np.maximum((1 - w) * a, w * b)
    return larger if c is None else larger - c


def _embedding_average(a: Floats, b: Floats, c: Floats | None, w: Any) -> Floats:
    length = np.sqrt((1 - w) * (1 - w) + w * w + 2 * w * (1 - w) * np.asarray(c))
    # Opposite vectors cancel out to no vector at w = .5; so short a sum has no direction to speak of.
    return ((1 - w) * a + w * b) / np.maximum(length, 1e-6)


Combiner = Callable[[Floats, Floats, Floats | None, Any], Floats]
COMBINERS: dict[str, Combiner] = {"sum": _weighted_sum, "max": _weighted_max, "average": _embedding_average}


@dataclass(frozen=True)
class Reported:
    """How `evaluate` lists a method. name: there, the method's own if ""; weights: fixed image weights that it is shown
    at; tuned: also at its best and its cross-validated weight; by_default: without being asked for."""

    name: str = ""
    weights: tuple[float, ...] = ()
    tuned: bool = True
    by_default: bool = False


@dataclass(frozen=True)
class Method:
    """A fusion method.

    name: in links and on the command line. label, formula, summary: for people; short: in the label of a run, the name
    if "". prepare: gives the columns that the combiner (a name in COMBINERS) mixes. linear: whether fused scores are
    linear in the weight, so that curves are exact.

    reads_norm: whether a norm changes anything; needs_norm: that it compares the two columns with each other, so that
    they must be on one scale. takes_mixes: whether an end may be a mix of several signals. reads_k: the constant of
    reciprocal ranks. needs_one_space: that both signals must hold vectors of one encoder. without_picture: what ranks a
    product without a picture, where no policy is read; "" where one is. bare: whether the text of a run has it as a
    bare word; only those of the first day do.
    """

    name: str
    label: str
    formula: str
    summary: str
    prepare: Callable[[Raw], Prepared]
    combiner: str
    linear: bool
    reads_norm: bool = False
    needs_norm: bool = False
    takes_mixes: bool = True
    reads_k: bool = False
    needs_one_space: bool = False
    without_picture: str = ""
    short: str = ""
    bare: bool = False
    reported: Reported = Reported()

    def __repr__(self) -> str:
        return f"Method({self.name})"

    @property
    def combine(self) -> Combiner:
        """(a, b, c, w) -> fused scores."""
        return COMBINERS[self.combiner]

    @property
    def listed_as(self) -> str:
        """Its name in the table of `evaluate`."""
        return self.reported.name or self.name

    @property
    def reads_missing(self) -> bool:
        """Whether the policy for missing pictures changes anything."""
        return not self.without_picture

    @property
    def norms(self) -> tuple[str, ...]:
        """The names of the norms that it runs with."""
        return tuple(name for name, norm in NORMS.items() if norm.one_scale or not self.needs_norm)

    def coherent_norm(self, norm: str) -> str:
        """The norm that it runs with where `norm` is asked for: the first of its own where it cannot run with that."""
        return norm if norm in self.norms else self.norms[0]

    def norm_read(self, norm: str) -> str:
        """The norm where it changes anything, else ""."""
        return norm if self.reads_norm and norm != NO_NORM else ""


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "weighted scores",
            "Weighted scores",
            "(1 − w) · text + w · image",
            "Adds the two scores.",
            _score_columns,
            "sum",
            linear=True,
            bare=True,
            reads_norm=True,
            reported=Reported("weighted", _PUBLISHED_WEIGHTS, by_default=True),
        ),
        Method(
            "weighted ranks",
            "Weighted ranks",
            "−(1 − w) · text rank − w · image rank",
            "Adds the two ranks, so that the scale of the scores does not matter.",
            _rank_columns,
            "sum",
            linear=True,
            bare=True,
            reported=Reported(weights=_PUBLISHED_WEIGHTS, tuned=False, by_default=True),
        ),
        Method(
            "rrf",
            "Reciprocal ranks (RRF)",
            "(1 − w) / (k + text rank) + w / (k + image rank)",
            "Reciprocal rank fusion: the top ranks count most.",
            _reciprocal_rank_columns,
            "sum",
            linear=True,
            bare=True,
            reads_k=True,
            short="RRF",
            reported=Reported(weights=(0.5,), tuned=False, by_default=True),
        ),
        Method(
            "max",
            "Maximum",
            "max((1 − w) · text, w · image)",
            "Takes the better of the two normalised scores.",
            _compared_columns,
            "max",
            linear=False,
            bare=True,
            reads_norm=True,
            needs_norm=True,
            takes_mixes=False,
        ),
        Method(
            "embedding average",
            "Embedding average",
            "cos(query, (1 − w) · text vector + w · picture vector)",
            "Averages a product's text and picture vectors, then compares with the query.",
            _embedding_columns,
            "average",
            linear=False,
            bare=True,
            needs_one_space=True,
            takes_mixes=False,
            without_picture="their text alone",
        ),
    )
}


def methods_for(one_space: bool, mixes: bool = False) -> tuple[str, ...]:
    """The names of the methods for two signals. one_space: whether they hold vectors of one encoder. mixes: whether one
    of them is a mix of several."""
    fits = {name: method for name, method in METHODS.items() if one_space or not method.needs_one_space}
    return tuple(name for name, method in fits.items() if method.takes_mixes or not mixes)
