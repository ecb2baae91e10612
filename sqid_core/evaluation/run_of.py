"""From what a run is made of to the run: the ranking of every judged slate."""

from __future__ import annotations

from dataclasses import replace

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..errors import InputError
from ..ranking.fusion import Fusion
from ..ranking.mixes import signal_named
from .reports import Run, columns_run, judgements_of, returned_by, scores_run
from .run_specs import RunSpec, check_run, read_signals, signal_names
from .slate_scores import SlateScores, slate_scores


def run_of(data: Dataset | Judgements, what: str | Signal | Fusion | RunSpec, scores: SlateScores | None = None) -> Run:
    """The ranking of every judged slate.

    what: a signal's name, a signal of one's own, a fusion of the first text and the first image signal, or whatever a
    `RunSpec` names. Judgements alone can be ranked by a signal of one's own. scores: of the signals that it reads,
    where they are known already. Of a bundle that is read as retrieval, it returns what its signals rank. Raises
    InputError where the bundle cannot make it.

    >>> dataset = load_bundle("data/tiny")
    >>> run_of(dataset, "words_image")
    Run(words_image: 8 queries)
    >>> run_of(dataset, Fusion("rrf", image_weight=0.3))
    Run(Fused · RRF, image .30: 8 queries)
    >>> signal = dataset.signals["words_text"]
    >>> run_of(dataset.judgements, ScoredSignal("mine", "text", -signal.slate_scores(dataset.judgements)))
    Run(mine: 8 queries)
    """
    if not isinstance(what, str | Fusion | RunSpec):
        judgements = judgements_of(data)
        return scores_run(what.name, what.slate_scores(judgements), judgements)
    if isinstance(data, Judgements):
        raise InputError(f"judgements alone have no signals to make {what} of; hand in the bundle, or a signal")
    spec = spec_of(what)
    check_run(data, spec)
    run = spec_run(spec, _scores(data, spec) if scores is None else scores, data.judgements)
    return replace(run, returned=returned_by(data, *(signal_named(data, name) for name in signal_names(data, spec))))


def spec_of(what: str | Fusion | RunSpec) -> RunSpec:
    """The spec of a signal, by its name, or of a fusion."""
    if isinstance(what, RunSpec):
        return what
    return RunSpec(fusion=what) if isinstance(what, Fusion) else RunSpec(signal=what)


def _scores(dataset: Dataset, spec: RunSpec) -> SlateScores:
    text, image = (None if name is None else signal_named(dataset, name) for name in read_signals(dataset, spec))
    return slate_scores(dataset.judgements, text, image, spec.fusion is not None and spec.fusion.needs_own)


def spec_run(spec: RunSpec, scores: SlateScores, judgements: Judgements) -> Run:
    """The ranking of these slates. scores: of the signals that the spec reads (`read_signals`)."""
    if spec.fusion is not None:
        return columns_run(spec.title, scores.columns(spec.fusion, judgements.mask), spec.fusion)
    alone = scores.image if scores.text is None else scores.text
    if alone is None:
        raise ValueError("the run of a signal needs its scores")
    return scores_run(spec.title, alone, judgements)
