"""The judged slates' raw scores: what every number over all judged queries begins with."""

from __future__ import annotations

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation import slate_scores
from sqid_core.evaluation.run_specs import RunSpec, read_signals
from sqid_core.evaluation.slate_scores import SlateScores
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.mixes import are_mixes, signal_named
from sqid_core.types import Floats
from sqid_ui.caches.keys import cached


def first_scores(shown: Dataset, fusion: Fusion | None = None) -> SlateScores:
    """Of the first text and the first image signal, with all that a fusion reads."""
    text, image = (None if signal is None else signal.name for signal in (shown.signal("text"), shown.signal("image")))
    return _scores(shown, text, image, fusion)


def run_scores(shown: Dataset, spec: RunSpec) -> SlateScores:
    """Of the signals that a run reads. Raises InputError where one is not there."""
    return _scores(shown, *read_signals(shown, spec), spec.fusion)


def _scores(shown: Dataset, text: str | None, image: str | None, fusion: Fusion | None) -> SlateScores:
    own = _own_cosines(shown, text, image) if text and image and fusion is not None and fusion.needs_own else None
    of_text, of_image = (None if name is None else signal_scores(shown, name) for name in (text, image))
    of = [None if name is None else signal_named(shown, name) for name in (text, image)]
    return SlateScores(of_text, of_image, own, slate_scores.runs(*of), are_mixes(*of))


# Asked for by the page, never by work beside it, which gets the scores handed in.
@cached(max_entries=8, spinner="Scoring the judged products", any_order=True)
def signal_scores(shown: Dataset, name: str) -> Floats:
    """(Q, C) what a signal says of every judged pair: 5 MB at SQID's size."""
    return signal_named(shown, name).slate_scores(shown.judgements)


@cached(max_entries=2, any_order=True)
def _own_cosines(shown: Dataset, text: str, image: str) -> Floats:
    """(Q, C) cosine of each judged product's own text and picture, by two signals."""
    return slate_scores.own_cosines(shown.judgements, signal_named(shown, text), signal_named(shown, image))
