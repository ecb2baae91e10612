"""What the page's controls ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion


@dataclass(frozen=True, eq=False)
class Asked:
    """What the page's controls ask for. fusion: None where there is nothing to fuse."""

    dataset: Dataset = field(repr=False)
    fusion: Fusion | None
    gains: str
    k: int

    @property
    def relevant(self) -> str:
        """The labels that the measures besides NDCG take for relevant."""
        scale = self.dataset.scale
        return " and ".join(scale.names[: scale.relevant_from + 1])
