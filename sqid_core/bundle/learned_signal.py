"""A signal whose scores were learned from labels, of other queries than those that they rank."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from ..errors import BundleError
from ..types import Bools, Labels
from ..wording import counted, short
from .adapted_signal import AdaptedSignal
from .judgements import Judgements
from .query_folds import QUERY_FOLDS, read_query_folds
from .reranked import RerankedSignal
from .signals import DenseSignal, PairScores
from .stored import Stored
from .tuned_signal import TunedSignal

LEARNED = "learned"


@dataclass(frozen=True)
class LearnedFrom:
    """What a ranking was learned from. learner: its name. features: the groups that it read; columns: how many columns
    these are. signals: whose scores were among them. made_of: a hash of everything that decided the result."""

    learner: str
    features: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    columns: int = 0
    seed: int = 0
    made_of: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class LearnedSignal(PairScores):
    """Out-of-fold scores of judged pairs: those of a query by a model that was fitted without its fold; nan at padding
    and for pairs that were judged later. Under other labels they stay: the labels learned from are those of before.

    folds: (Q,) the fold of each query, from 0.

    A query's own labels never made its scores. They made those of other folds, though: a weight over this signal that
    is chosen by other folds' scores has seen them, which is in-sample.
    """

    folds: Labels
    origin: LearnedFrom

    def __repr__(self) -> str:
        pairs = counted(int(np.isfinite(self.scores).sum()), "pair", "pairs")
        folds = counted(int(self.folds.max(initial=-1)) + 1, "fold", "folds")
        return f"LearnedSignal({short(self.name)}: {self.modality}, {self.origin.learner}, {pairs} out of {folds})"

    @property
    def is_run(self) -> bool:
        """No: it scores every pair that it was made for."""
        return False


def load_learned(stored: Stored) -> LearnedSignal:
    """Out-of-fold scores, of these very judgements and folds. Raises BundleError."""
    judgements, again = stored.judgements, stored.again
    about, files = stored.about(), stored.manifest.files
    folds = read_query_folds(stored.folder, stored.manifest)
    if folds is None or about.get("folds") != files[QUERY_FOLDS]:
        raise BundleError(f"signal {stored.name} of {stored.folder} was learned on other folds of the queries; {again}")
    if about.get("judgements") != files.get("judgements.parquet"):
        raise BundleError(f"signal {stored.name} of {stored.folder} was learned from other judgements; {again}")
    scores = stored.array("scores.npy", judgements.rows.shape, np.float64)
    if not np.array_equal(np.isfinite(scores), judgements.mask):
        raise BundleError(f"{stored.file('scores.npy')} must score every judged pair, and no other; {again}")
    try:
        origin = msgspec.convert(about, LearnedFrom)
    except msgspec.ValidationError as error:
        raise BundleError(f"{stored.file('signal.json')} does not say what was learned ({error}); {again}") from None
    return LearnedSignal(stored.name, stored.spec.modality, scores, folds, origin)


def learned_coverage(signal: LearnedSignal, judgements: Judgements) -> str:
    """What of the judged pairs it scores."""
    scored = signal.knows(judgements)[judgements.mask]
    share = f"{scored.mean():.1%}" if len(scored) else "none"
    return f"{signal.name} scores {share} of the judged pairs, each query out of its fold"


def reads_labels(*signals: object) -> bool:
    """Whether one of some signals, or of what it mixes, was learned from labels: what is chosen by its scores, on
    whatever folds, is in-sample."""
    return in_sample(*signals) or any(
        isinstance(each, LearnedSignal)
        or (isinstance(each, AdaptedSignal | TunedSignal) and each.reads_labels)
        or reads_labels(*getattr(each, "parts", ()))
        for each in signals
    )


def in_sample(*signals: object) -> bool:
    """Whether the model behind one of some signals, or of what it mixes, was fine-tuned on queries that it scores here:
    then it is in-sample by itself, whatever is chosen."""
    return any(seen_of(each) is not None or in_sample(*getattr(each, "parts", ())) for each in signals)


def seen_of(signal: object) -> Bools | None:
    """(Q,) the queries that the model behind a signal was fine-tuned on; None where it was on none."""
    found = signal.dense if isinstance(signal, AdaptedSignal) else signal
    return found.seen if isinstance(found, DenseSignal | RerankedSignal) else None


def seen_words(signal: object) -> str:
    """That a signal is in-sample, in a few words with a comma before them; nothing where it is not."""
    seen = seen_of(signal)
    return "" if seen is None else f", in-sample: its model was fine-tuned on {int(seen.sum()):,} of these queries"
