"""What the page's controls ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Positions

# Of the presets, and of a grouping's groups; and no grouping.
ALL, EVERY = "all", "every grouping"


@dataclass(frozen=True, eq=False)
class Asked:
    """What the page's controls ask for. fusion: None where there is nothing to fuse. table: all queries; runs: column
    -> name of what was scored, two or three. rows: those that the filters leave, in the preset's order."""

    dataset: Dataset = field(repr=False)
    fusion: Fusion | None
    gains: str
    table: pd.DataFrame = field(repr=False)
    runs: dict[str, str]
    rows: Positions = field(repr=False)
