"""What the page's controls ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sqid_core.analysis.groupings import Groups
from sqid_core.analysis.query_sets import SetSpec
from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion
from sqid_ui.settings.session import value

# What a cell of the heat map may hold: its name in the link, its title, the runs it compares.
DIFFERENCES = {
    "fused-text": ("Fused − text", "fused", "text"),
    "fused-image": ("Fused − image", "fused", "image"),
    "image-text": ("Image − text", "image", "text"),
}


@dataclass(frozen=True, eq=False)
class Asked:
    """What the page's controls ask for. runs: (Q,) NDCG by text, image, fused, as far as they are there. spec: the
    set of queries that is looked at, by default all."""

    dataset: Dataset = field(repr=False)
    fusion: Fusion | None
    gains: str
    grouping: str
    groups: Groups = field(repr=False)
    runs: dict[str, npt.NDArray[np.float64]] = field(repr=False)
    spec: SetSpec = field(default_factory=SetSpec)

    @property
    def compare(self) -> tuple[str, str] | None:
        """(baseline, other) of the lift; None with one run."""
        title = value("lift") if "fused" in self.runs else ""
        return (DIFFERENCES[title][2], DIFFERENCES[title][1]) if title in DIFFERENCES else None
