"""What the page's controls ask for, and what its measures are called."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion

# Kind of measure: its name.
MEASURE_NAMES = {"ndcg": "NDCG", "ndcg@": "NDCG@{k}", "rr": "MRR", "precision@": "P@{k}", "recall@": "Recall@{k}"}


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


def kind_of(measure: str) -> str:
    """The kind of a measure, whatever its cut-off: `ndcg@` of `ndcg@10`."""
    return measure.rstrip("0123456789")
