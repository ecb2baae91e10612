"""One query under two runs: both orders of its slate, and the swaps between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..bundle.load import Dataset
from ..types import Floats, Labels, Positions
from .metrics import ndcg
from .run_of import spec_run
from .run_specs import RunSpec, read_signals
from .slate_scores import SlateScores
from .swaps import Cause, Swaps, causes, slate_swaps


@dataclass(frozen=True, eq=False)
class ComparedSlate:
    """A judged query's slate under runs A and B.

    rows, labels: (C,) its products. orders: "a", "b" -> (C,) positions, best first. scores: signal -> (C,) raw scores,
    nan where absent. ndcg: "a", "b" -> nan where no product has a gain. kinds, kind: (S,) the cause of each swap.
    """

    rows: npt.NDArray[np.int32] = field(repr=False)
    labels: Labels = field(repr=False)
    orders: Mapping[str, Positions] = field(repr=False)
    scores: Mapping[str, Floats] = field(repr=False)
    ndcg: Mapping[str, float]
    swaps: Swaps
    kinds: tuple[Cause, ...]
    kind: npt.NDArray[np.intp] = field(repr=False)

    @property
    def moved(self) -> int:
        """How many products have another rank in B."""
        return int((self.orders["a"] != self.orders["b"]).sum())


def compared_slate(
    dataset: Dataset, row: int, runs: tuple[RunSpec, RunSpec], scores: tuple[SlateScores, SlateScores], gains: Floats
) -> ComparedSlate:
    """The slate of one query (its row number).

    runs: A and B. scores: of the signals that each reads, over all slates. gains: (L,) of each label.
    """
    only = slice(row, row + 1)
    one = dataset.judgements.take(only)
    length = int(one.lengths[0])
    alone = [found.take(only) for found in scores]
    orders = {
        name: spec_run(spec, found, one).order[0][:length]
        for name, spec, found in zip(("a", "b"), runs, alone, strict=True)
    }
    before, after = (_by_name(dataset, spec, found, length) for spec, found in zip(runs, alone, strict=True))
    labels = one.labels[0][:length]
    of_product = gains[labels]
    swaps = slate_swaps(orders["a"], orders["b"], of_product)
    kinds, kind = causes(swaps, after, {name: values for name, values in before.items() if name not in after})
    found = {name: float(ndcg(of_product[order])) for name, order in orders.items()}
    return ComparedSlate(one.rows[0][:length], labels, orders, after | before, found, swaps, kinds, kind)


def _by_name(dataset: Dataset, spec: RunSpec, scores: SlateScores, length: int) -> dict[str, Floats]:
    """(C,) the raw scores of each signal that a run reads, of one slate."""
    both = zip(read_signals(dataset, spec), (scores.text, scores.image), strict=True)
    return {name: values[0][:length] for name, values in both if name is not None and values is not None}
