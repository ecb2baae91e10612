"""Fusion: prepare two columns a slate, then combine them with one weight, by the rule of a method (see `methods`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..bundle.judgements import length_groups
from ..types import Bools, Floats, Positions, Rows
from .methods import METHODS, Method, Raw
from .missing import MISSING_IMAGE
from .norms import NORMS


@dataclass(frozen=True)
class Fusion:
    """How two rankings become one. Hashable: cache key, link state and table row at once.

    image_weight: w in [0, 1]; fused = (1 - w) text + w image. norm: applied a slate, to methods that read scores.
    missing_image: what a product without the signal gets, after normalisation: 0, the product's own text column, or the
    slate's worst. Methods that read ranks put it last under both `zero` and `worst`; the embedding average uses the
    text alone. rrf_k: the constant of reciprocal rank fusion (Cormack et al. 2009: 60).

    >>> fusion = Fusion("rrf", image_weight=0.3)
    >>> fusion
    Fusion(method='rrf', image_weight=0.3, norm='none', missing_image='zero', rrf_k=60.0)
    >>> fusion.rule.label, fusion.rule.linear
    ('Reciprocal ranks (RRF)', True)
    >>> run_of(load_bundle("data/tiny"), fusion)
    Run(Fused · RRF, image .30: 8 queries)
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
        if self.norm not in self.rule.norms:
            raise ValueError(
                f"method {self.method} compares the two columns with each other and needs a norm: "
                f"{' or '.join(self.rule.norms)}"
            )

    @property
    def rule(self) -> Method:
        """The method itself."""
        return METHODS[self.method]

    @property
    def norm_read(self) -> str:
        """The norm where it changes anything, else ""."""
        return self.rule.norm_read(self.norm)

    @property
    def is_plain(self) -> bool:
        """Whether it has no setting that changes anything, but for method and weight."""
        usual = (Fusion.missing_image, Fusion.rrf_k)
        return not self.norm_read and (self.missing_image, self.rrf_k) == usual

    @property
    def needs_own(self) -> bool:
        """Whether it reads the cosine of each product's own text and picture."""
        return self.rule.needs_one_space

    @property
    def weightless(self) -> Fusion:
        """The same at the default weight: the key of what no weight changes, such as columns and curves."""
        return replace(self, image_weight=Fusion.image_weight)


@dataclass(frozen=True, eq=False)
class Columns:
    """What a combiner gets. a (text), b (image): (..., C) filled and finite. c: (..., C) for two methods only: of the
    embedding average the cosine of a product's own text and picture; of the maximum of runs how far a product that one
    of them does not rank stands behind its equals. mask: (..., C) False at padding."""

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


def columns(
    fusion: Fusion,
    text: Floats,
    image: Floats,
    mask: Bools | None = None,
    text_image: Floats | None = None,
    runs: tuple[bool, bool] = (False, False),
    mixes: tuple[bool, bool] = (False, False),
) -> Columns:
    """The two columns of each slate, prepared. The weight plays no part.

    text, image: (..., C) raw scores, nan where a product lacks the signal or at padding. mask: (..., C) False at
    padding, all True if None. text_image: (..., C) cosine of a product's own text and picture (embedding average only).
    runs: whether text and image are rankings of their own (`Signal.is_run`): what they do not rank stands behind.
    mixes: whether they are mixes (`MixedSignal`), which are normed already; ValueError where the method takes none.
    Statistics and ranks are over the last axis: hand in the whole slate or the whole catalogue, not the products shown.
    """
    if any(mixes) and not fusion.rule.takes_mixes:
        raise ValueError(f"{fusion.method} takes single signals, no mix of several")
    mask = np.ones(text.shape, dtype=bool) if mask is None else mask
    text, image = np.where(mask, text, np.nan), np.where(mask, image, np.nan)
    norm, missing = NORMS[fusion.norm], MISSING_IMAGE[fusion.missing_image]
    raw = Raw(text, image, text_image, norm, missing, fusion.rrf_k, runs, mixes)
    a, b, c = fusion.rule.prepare(raw)
    return Columns(a, b, mask, c)


def fuse(columns: Columns, fusion: Fusion, image_weight: Any = None) -> Floats:
    """(..., C) fused scores, higher is better, -inf at padding.

    image_weight: instead of the fusion's own, a number or an array that broadcasts against (..., C).
    """
    w = fusion.image_weight if image_weight is None else image_weight
    fused = fusion.rule.combine(columns.a, columns.b, columns.c, w)
    np.copyto(fused, -np.inf, where=~columns.mask)
    return fused
