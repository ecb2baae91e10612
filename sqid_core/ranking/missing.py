"""What a product gets in the place of a signal that it lacks: a picture, most often, or a rank in a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..types import Floats
from .norms import over_present

_HAIR = 2.0**-40


@dataclass(frozen=True)
class Missing:
    """A policy. name: in links and on the command line; label, formula: for people; short: in the label of a run.

    fill: (column with nan where absent, the other column) -> filled column, after normalisation. borrows: whether it
    takes the other column's value, which only a picture can: a product without a text is then filled by `LAST`.
    """

    name: str
    label: str
    short: str
    formula: str
    fill: Callable[[Floats, Floats], Floats]
    borrows: bool = False

    def filled(self, column: Floats, other: Floats, is_run: bool = False) -> Floats:
        """`column` with its nan replaced; where the other is absent too, by 0 (last resort, the same for all). is_run:
        what has no score was not ranked, and stands behind what was unless it borrows the other column's."""
        value = self.fill(column, other)
        if is_run and not self.borrows:
            value = np.minimum(value, _behind(column, other))
        filled = np.where(np.isnan(column), value, column)
        return np.where(np.isnan(filled), 0.0, filled)

    def behind(self, column: Floats, is_run: bool) -> Floats:
        """(..., C) how far behind equal fused scores a product of `column` stands, for methods that may lose sight of
        what was filled in: a hair where a run did not rank it."""
        return np.where(np.isnan(column), _HAIR if is_run and not self.borrows else 0.0, 0.0)

    @property
    def of_text(self) -> Missing:
        """The policy for a product without a text."""
        return LAST if self.borrows else self


def _worst(column: Floats) -> Floats:
    worst = over_present(np.min, column, np.inf)
    return np.where(np.isfinite(worst), worst, 0.0)


def _behind(column: Floats, other: Floats) -> Floats:
    """(..., 1) a hair below the lowest of each slate: far less than scores differ by, far more than rounding, also that
    of a sum with the other column."""
    none = ~np.isfinite(column).any(axis=-1, keepdims=True)
    highest, lowest = (
        np.where(none, 0.0, over_present(statistic, column, neutral))
        for statistic, neutral in ((np.max, -np.inf), (np.min, np.inf))
    )
    size = np.maximum(highest - lowest, np.abs(lowest))
    size = np.maximum(size, over_present(np.max, np.abs(other), 0.0))
    return np.where(none, 0.0, lowest - np.where(size > 0, size, 1.0) * _HAIR)


LAST = Missing(
    "worst",
    "Worst score",
    "worst score",
    "`image = lowest image score` after normalisation.",
    lambda column, _: np.broadcast_to(_worst(column), column.shape),
)
MISSING_IMAGE: dict[str, Missing] = {
    policy.name: policy
    for policy in (
        Missing(
            "zero",
            "Score 0",
            "score 0",
            "`image = 0` after normalisation; last, where ranks are fused.",
            lambda column, _: np.zeros_like(column),
        ),
        Missing(
            "text",
            "Use the text",
            "uses the text",
            "`image = text` after normalisation.",
            lambda _, other: other,
            borrows=True,
        ),
        LAST,
    )
}
