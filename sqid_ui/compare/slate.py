"""One query under two runs: both orders of its slate, and the swaps between them. No Streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.metrics import ndcg
from sqid_core.evaluation.run_specs import RunSpec, mixed_signals, run_of, signal_names
from sqid_core.evaluation.swaps import Cause, Swaps, causes, slate_swaps
from sqid_core.types import Floats, Labels, Positions


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
    scored: Dataset, row: int, a: RunSpec, b: RunSpec, gains: Floats, text_image: Callable[[str, str], Floats]
) -> ComparedSlate:
    """The slate of one query (its row number).

    scored: the data set with its slates scored (`with_slate_scores`). gains: (L,) of each label. text_image: gives all
    slates' cosines of text and picture (Q, C) for the names of two signals.
    """
    one = _alone(scored, row)
    length = int(one.judgements.lengths[0])

    def ranked(spec: RunSpec) -> Positions:
        cosines = lambda: text_image(*mixed_signals(scored, spec))[row : row + 1]  # noqa: E731 - only if it is asked for
        return run_of(one, spec, cosines).order[0][:length]

    orders = {"a": ranked(a), "b": ranked(b)}
    read = dict.fromkeys((*signal_names(scored, b), *signal_names(scored, a)))
    scores = {name: one.signals[name].slate_scores(one.judgements)[0][:length] for name in read}
    labels = one.judgements.labels[0][:length]
    of_product = gains[labels]
    swaps = slate_swaps(orders["a"], orders["b"], of_product)
    after = signal_names(scored, b)
    kinds, kind = causes(
        swaps,
        {name: values for name, values in scores.items() if name in after},
        {name: values for name, values in scores.items() if name not in after},
    )
    found = {name: float(ndcg(of_product[order])) for name, order in orders.items()}
    return ComparedSlate(one.judgements.rows[0][:length], labels, orders, scores, found, swaps, kinds, kind)


def _alone(scored: Dataset, row: int) -> Dataset:
    """The data set with one query's slate only. As wide as before, so that sums round as they do over all queries."""
    only = slice(row, row + 1)
    judgements = scored.judgements
    signals = {
        name: ScoredSignal(name, signal.modality, signal.scores[only])
        for name, signal in scored.signals.items()
        if isinstance(signal, ScoredSignal)
    }
    alone = Judgements(judgements.query_ids[only], judgements.rows[only], judgements.labels[only])
    return replace(scored, judgements=alone, signals=signals)
