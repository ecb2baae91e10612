"""What the page's controls ask for, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.metrics import measure_label, measure_of
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.markup import plain


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
        return " and ".join(self.dataset.scale.relevant_names)


def measured(asked: Asked, measure: str) -> str:
    """What a measure is taken over, for a caption."""
    if measure_of(measure)[0].reads_gains:
        return f"{measure_label(measure)} over the judged products"
    return f"{measure_label(measure)} over the judged products, relevant: {plain(asked.relevant)}"
