"""Fusion: prepare two columns a slate, then combine them with one weight.

Preparing (normalise, rank, fill in missing pictures) happens once; combining is one line a method, so that the weight
can be dragged. The browser gets the prepared columns and the combiner's name, never the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..bundle.judgements import length_groups
from ..types import Array, Bools, Floats, Positions, Rows
from .norms import NORMALISERS, over_present


@dataclass(frozen=True)
class Fusion:
    """How two rankings become one. Hashable: cache key, link state and table row at once.

    image_weight: w in [0, 1]; fused = (1 - w) text + w image. norm: applied a slate, to methods that read scores.
    missing_image: what a product without the signal gets, after normalisation: 0, the product's own text column, or the
    slate's worst. Methods that read ranks put it last under both `zero` and `worst`; the embedding average uses the
    text alone. rrf_k: the constant of reciprocal rank fusion (Cormack et al. 2009: 60).
    """

    method: str = "weighted scores"
    image_weight: float = 0.5
    norm: str = "none"
    missing_image: str = "zero"
    rrf_k: float = 60.0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("fusion method", self.method, METHODS),
            ("norm", self.norm, NORMS),
            ("missing_image", self.missing_image, MISSING_IMAGE),
        ):
            if value not in known:
                raise ValueError(f"unknown {what} {value!r}; choose one of: {', '.join(known)}")
        if not 0 <= self.image_weight <= 1:
            raise ValueError(f"image_weight must be between 0 and 1, got {self.image_weight}")
        if not 0 < self.rrf_k < np.inf:
            raise ValueError(f"rrf_k must be a number above 0, got {self.rrf_k}")
        if self.method == "max" and self.norm == "none":
            raise ValueError("method max compares the two columns with each other and needs a norm: min-max or z-score")

    @property
    def needs_own(self) -> bool:
        """Whether it reads the cosine of each product's own text and picture."""
        return self.method == "embedding average"

    @property
    def weightless(self) -> Fusion:
        """The same at the default weight: the key of what no weight changes, such as columns and curves."""
        return replace(self, image_weight=Fusion.image_weight)


@dataclass(frozen=True, eq=False)
class Columns:
    """What a combiner gets. a (text), b (image): (..., C) filled and finite. c: (..., C) cosine of a product's own text
    and picture, for the embedding average only. mask: (..., C) False at padding."""

    a: Floats = field(repr=False)
    b: Floats = field(repr=False)
    mask: Bools = field(repr=False)
    c: Floats | None = field(default=None, repr=False)

    def take(self, rows: Rows, width: int | None = None) -> Columns:
        """Some slates of (Q, C) columns, cut to a width where one is given; or some products of the columns (C,) of one
        slate."""
        at = rows if width is None else (rows, slice(width))
        return Columns(self.a[at], self.b[at], self.mask[at], None if self.c is None else self.c[at])

    @cached_property
    def groups(self) -> list[tuple[Positions, Columns]]:
        """Row numbers and columns of slates (Q, C) of similar length, without most of their padding: made once, for
        many weights."""
        parts = length_groups(self.mask.sum(axis=1))
        return [(rows, self.take(rows, width)) for rows, width in parts]


# --- ranks ---


def order(scores: Floats) -> Positions:
    """(..., C) positions from best to worst; equal scores in position order (rows ascend in a slate: label-blind)."""
    descending = -scores
    positions = np.argsort(descending, axis=-1)
    # numpy's default sort is vectorised and not stable: sort again, stably, only the slates that hold a tie.
    ranked = taken(descending, positions)
    tied = ((ranked[..., 1:] == ranked[..., :-1]) & (ranked[..., 1:] < np.inf)).any(axis=-1)
    if tied.any():
        positions[tied] = np.argsort(descending[tied], axis=-1, kind="stable")
    return positions


def taken(values: Array, positions: Rows) -> Array:
    """(..., k) the values (..., C) at positions (..., k) of their own slates: np.take_along_axis in half the time."""
    starts = np.arange(0, values.size, values.shape[-1] or 1).reshape(*values.shape[:-1], 1)
    return values.reshape(-1).take(positions + starts)


def ranks(scores: Floats) -> Floats:
    """(..., C) rank of each score, 1 the best. Equal scores share the best of their ranks, so that a constant signal
    ranks nothing; absent products (nan) share the rank behind the last; nan is never returned."""
    filled = np.where(np.isnan(scores), -np.inf, scores)
    positions = order(filled)
    ranked = np.take_along_axis(filled, positions, axis=-1)
    place = np.broadcast_to(np.arange(1.0, scores.shape[-1] + 1), scores.shape)
    first_of_ties = np.ones(scores.shape, dtype=bool)
    first_of_ties[..., 1:] = ranked[..., 1:] != ranked[..., :-1]
    shared = np.maximum.accumulate(np.where(first_of_ties, place, 0.0), axis=-1)
    result = np.empty(scores.shape)
    np.put_along_axis(result, positions, shared, axis=-1)
    return result


# --- what a missing picture gets: (column with nan where absent, the other column) -> filled column ---

FILLS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "zero": lambda column, _: np.zeros_like(column),
    "text": lambda _, other: other,
    "worst": lambda column, _: np.broadcast_to(_worst(column), column.shape),
}
MISSING_IMAGE = tuple(FILLS)
NORMS = tuple(NORMALISERS)


def _worst(column: Floats) -> Floats:
    worst = over_present(np.min, column, np.inf)
    return np.where(np.isfinite(worst), worst, 0.0)


def _filled(column: Floats, other: Floats, missing: str) -> Floats:
    """`column` with its nan replaced; where the other column is absent too, by 0 (last resort, the same for all)."""
    filled = np.where(np.isnan(column), FILLS[missing](column, other), column)
    return np.where(np.isnan(filled), 0.0, filled)


# --- preparing: (fusion, text, image, text_image) -> a, b, c ---

Prepared = tuple[Floats, Floats, Floats | None]


def _score_columns(fusion: Fusion, text: Floats, image: Floats, _: Floats | None) -> Prepared:
    norm = NORMALISERS[fusion.norm]
    a, b = norm(text), norm(image)
    # Only a picture can borrow the text's column; a product without text is then as bad as the slate's worst.
    missing_text = "worst" if fusion.missing_image == "text" else fusion.missing_image
    return _filled(a, b, missing_text), _filled(b, a, fusion.missing_image), None


def _rank_columns(fusion: Fusion, text: Floats, image: Floats, _: Floats | None) -> Prepared:
    a, b = -ranks(text), -ranks(image)
    return a, np.where(np.isnan(image), a, b) if fusion.missing_image == "text" else b, None


def _reciprocal_rank_columns(fusion: Fusion, text: Floats, image: Floats, _: Floats | None) -> Prepared:
    a, b, _ = _rank_columns(fusion, text, image, None)
    return 1 / (fusion.rrf_k - a), 1 / (fusion.rrf_k - b), None


def _embedding_columns(_: Fusion, text: Floats, image: Floats, text_image: Floats | None) -> Prepared:
    if text_image is None:
        raise ValueError("embedding average needs the cosine of each product's own text and picture (text_image)")
    # With one of the two absent, a = b and c = 1 make the average that one alone, at every weight.
    a, b = np.where(np.isnan(text), image, text), np.where(np.isnan(image), text, image)
    alone = np.isnan(text) | np.isnan(image)
    return np.nan_to_num(a, nan=-1.0), np.nan_to_num(b, nan=-1.0), np.where(alone, 1.0, text_image)


# --- combining: (a, b, c, w) -> fused. The board's rank.js holds the same three, term by term, by the same names. ---


def _weighted_sum(a: Floats, b: Floats, _: Floats | None, w: Any) -> Floats:
    return (1 - w) * a + w * b


def _weighted_max(a: Floats, b: Floats, _: Floats | None, w: Any) -> Floats:
    return np.maximum((1 - w) * a, w * b)


def _embedding_average(a: Floats, b: Floats, c: Floats | None, w: Any) -> Floats:
    length = np.sqrt((1 - w) * (1 - w) + w * w + 2 * w * (1 - w) * np.asarray(c))
    # Opposite vectors cancel out to no vector at w = .5; so short a sum has no direction to speak of.
    return ((1 - w) * a + w * b) / np.maximum(length, 1e-6)


Combiner = Callable[[Floats, Floats, Floats | None, Any], Floats]
COMBINERS: dict[str, Combiner] = {"sum": _weighted_sum, "max": _weighted_max, "average": _embedding_average}


@dataclass(frozen=True)
class Method:
    """A fusion method: how its columns are prepared and combined (a name in COMBINERS), and whether fused scores are
    linear in the weight."""

    prepare: Callable[[Fusion, Floats, Floats, Floats | None], Prepared]
    combiner: str
    linear: bool
    uses_norm: bool
    formula: str
    summary: str

    @property
    def combine(self) -> Combiner:
        """(a, b, c, w) -> fused scores."""
        return COMBINERS[self.combiner]


FUSIONS: dict[str, Method] = {
    "weighted scores": Method(
        prepare=_score_columns,
        combiner="sum",
        linear=True,
        uses_norm=True,
        formula="(1 − w) · text + w · image",
        summary="Adds the two scores.",
    ),
    "weighted ranks": Method(
        prepare=_rank_columns,
        combiner="sum",
        linear=True,
        uses_norm=False,
        formula="−(1 − w) · text rank − w · image rank",
        summary="Adds the two ranks, so that the scale of the scores does not matter.",
    ),
    "rrf": Method(
        prepare=_reciprocal_rank_columns,
        combiner="sum",
        linear=True,
        uses_norm=False,
        formula="(1 − w) / (k + text rank) + w / (k + image rank)",
        summary="Reciprocal rank fusion: the top ranks count most.",
    ),
    "max": Method(
        prepare=_score_columns,
        combiner="max",
        linear=False,
        uses_norm=True,
        formula="max((1 − w) · text, w · image)",
        summary="Takes the better of the two normalised scores.",
    ),
    "embedding average": Method(
        prepare=_embedding_columns,
        combiner="average",
        linear=False,
        uses_norm=False,
        formula="cos(query, (1 − w) · text vector + w · picture vector)",
        summary="Averages a product's text and picture vectors, then compares with the query.",
    ),
}
METHODS = tuple(FUSIONS)
LINEAR = frozenset(name for name, method in FUSIONS.items() if method.linear)


def columns(
    fusion: Fusion, text: Floats, image: Floats, mask: Bools | None = None, text_image: Floats | None = None
) -> Columns:
    """The two columns of each slate, prepared. The weight plays no part.

    text, image: (..., C) raw scores, nan where a product lacks the signal or at padding. mask: (..., C) False at
    padding, all True if None. text_image: (..., C) cosine of a product's own text and picture (embedding average only).
    Statistics and ranks are over the last axis: hand in the whole slate or the whole catalogue, not the products shown.
    """
    mask = np.ones(text.shape, dtype=bool) if mask is None else mask
    text, image = np.where(mask, text, np.nan), np.where(mask, image, np.nan)
    a, b, c = FUSIONS[fusion.method].prepare(fusion, text, image, text_image)
    return Columns(a, b, mask, c)


def fuse(columns: Columns, fusion: Fusion, image_weight: Any = None) -> Floats:
    """(..., C) fused scores, higher is better, -inf at padding.

    image_weight: instead of the fusion's own, a number or an array that broadcasts against (..., C).
    """
    w = fusion.image_weight if image_weight is None else image_weight
    fused = FUSIONS[fusion.method].combine(columns.a, columns.b, columns.c, w)
    return np.where(columns.mask, fused, -np.inf)
