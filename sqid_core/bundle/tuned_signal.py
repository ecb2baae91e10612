"""A signal of a fine-tuned model's scores: each query by one that did not see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np

from ..errors import BundleError
from ..types import Labels
from ..wording import counted, short
from .adapted_signal import NO_FOLD
from .query_folds import read_query_folds
from .signals import PairScores
from .stored import Stored

TUNED = "tuned"
# Where the models that were fine-tuned on a bundle's labels lie, a folder each.
MODELS = "models"


@dataclass(frozen=True)
class TunedFrom:
    """Where a fine-tuned model comes from.

    start: what it was before, for people. of: the signal of the bundle that this made then, "" for none. reads_pairs:
    whether it reads the query and a product together. trained_on: the split or the other bundle whose labels it learned
    from; "" for all queries of its own. queries: how many that of all learned from. epochs: how often it read them.
    seed: of the training. made_of: a hash of everything that decided the result.
    """

    start: str
    of: str = ""
    reads_pairs: bool = False
    trained_on: str = ""
    queries: Annotated[int, msgspec.Meta(ge=1)] = 1
    epochs: Annotated[int, msgspec.Meta(ge=1)] = 1
    seed: int = 0
    made_of: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class TunedSignal(PairScores):
    """Scores of judged pairs by models of one kind, nan at padding and where a product lacks what they read.

    folds: (Q,) from 0: the query was scored by the model that was fine-tuned without its fold; NO_FOLD where none
    learned from it, and the model of all scored it.
    """

    folds: Labels
    origin: TunedFrom

    def __repr__(self) -> str:
        pairs = counted(int(np.isfinite(self.scores).sum()), "pair", "pairs")
        return f"TunedSignal({short(self.name)}: {self.modality}, {short(self.origin.start)} fine-tuned, {pairs})"

    @property
    def is_run(self) -> bool:
        """No: a product without a score has nothing to score, such as no picture."""
        return False

    @property
    def of(self) -> str:
        """The signal of the bundle that its model made before it was fine-tuned, "" for none."""
        return self.origin.of

    @property
    def reads_labels(self) -> bool:
        """Whether labels of this very bundle made it: then a weight over its scores is in-sample."""
        return bool((self.folds != NO_FOLD).any())


def load_tuned(stored: Stored) -> TunedSignal:
    """The signal of a bundle. Raises BundleError with one sentence for whatever disagrees."""
    where, about, judgements = f"signal {stored.name} of {stored.folder}", stored.about(), stored.judgements
    if about.get("judgements") != stored.manifest.files.get("judgements.parquet"):
        raise BundleError(f"{where} was fine-tuned on other judgements; {stored.again}")
    try:
        origin = msgspec.convert(about, TunedFrom)
    except msgspec.ValidationError as error:
        raise BundleError(
            f"{stored.file('signal.json')} does not say what was fine-tuned ({error}); {stored.again}"
        ) from None
    folds = stored.array("folds.npy", (len(judgements.mask),), np.int8)
    shared = read_query_folds(stored.folder, stored.manifest)
    expected = np.full(len(folds), NO_FOLD) if shared is None else np.where(folds == NO_FOLD, NO_FOLD, shared)
    if not np.array_equal(folds, expected):
        raise BundleError(f"{where} was fine-tuned on other folds of the queries; {stored.again}")
    scores = stored.array("scores.npy", judgements.rows.shape, np.float64)
    if np.isinf(scores).any() or not np.isnan(scores[~judgements.mask]).all():
        raise BundleError(
            f"{stored.file('scores.npy')} has scores that are infinite or belong to no judged pair; {stored.again}"
        )
    return TunedSignal(stored.name, stored.spec.modality, scores, folds, origin)


def tuned_made(signal: TunedSignal) -> str:
    """What it is, in a few words."""
    source = f"the labels of {signal.origin.trained_on}" if signal.origin.trained_on else "labels"
    return f"{signal.origin.start}, fine-tuned on {source}"
