"""What a product gets in the place of a signal that it lacks: a picture, most often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..types import Floats
from .norms import over_present


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

    def filled(self, column: Floats, other: Floats) -> Floats:
        """`column` with its nan replaced; where the other is absent too, by 0 (last resort, the same for all)."""
        filled = np.where(np.isnan(column), self.fill(column, other), column)
        return np.where(np.isnan(filled), 0.0, filled)

    @property
    def of_text(self) -> Missing:
        """The policy for a product without a text."""
        return LAST if self.borrows else self


def _worst(column: Floats) -> Floats:
    worst = over_present(np.min, column, np.inf)
    return np.where(np.isfinite(worst), worst, 0.0)


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
