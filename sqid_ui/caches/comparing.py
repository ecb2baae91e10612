"""The Compare page's caches. Keys are the bundle's fingerprint and the run, less the name that somebody gave it."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation import slate_scores
from sqid_core.evaluation.compared_slates import ComparedSlate, compared_slate
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_specs import RunSpec, read_signals, spec_run
from sqid_core.evaluation.slate_scores import SlateScores, needs_own
from sqid_core.types import Floats
from sqid_ui.compare.state import CompareSettings
from sqid_ui.search import rankings

# NDCGs of SQID's 8,956 queries are 72 kB; a slate is nothing.
_RUNS, _COMPARISONS, _SLATES = 64, 32, 128


def comparison(shown: Dataset, settings: CompareSettings) -> RunComparison:
    """Both runs on all judged queries."""
    return _comparison(shown.fingerprint, settings.a.unnamed, settings.b.unnamed, settings.gains, shown)


def slate(shown: Dataset, settings: CompareSettings, query_id: str) -> ComparedSlate:
    """Both orders of a query's slate, and the swaps between them."""
    runs = settings.a.unnamed, settings.b.unnamed
    return _slate(shown.fingerprint, query_id, *runs, settings.gains, shown)




# No spinner: work beside the page asks too.
@st.cache_resource(max_entries=8, show_spinner=False)
def signal_scores(fingerprint: str, name: str, _dataset: Dataset) -> Floats:  # noqa: ARG001
    """(Q, C) what a signal says of every judged pair: 5 MB at SQID's size."""
    return _dataset.signals[name].slate_scores(_dataset.judgements)


@st.cache_resource(max_entries=2, show_spinner=False)
def own_cosines(fingerprint: str, text: str, image: str, _dataset: Dataset) -> Floats:  # noqa: ARG001
    """(Q, C) cosine of each judged product's own text and picture, by two signals; nan at padding."""
    return slate_scores.own_cosines(_dataset.judgements, _dataset.signals[text], _dataset.signals[image])


def judged_scores(shown: Dataset, text: str | None, image: str | None, own: bool = False) -> SlateScores:
    """The scores of two signals by name, as far as there are two. own: see `slate_scores`."""

    def scored(name: str | None) -> Floats | None:
        return None if name is None else signal_scores(shown.fingerprint, name, shown)

    cosines = own_cosines(shown.fingerprint, text, image, shown) if own and text and image else None
    return SlateScores(scored(text), scored(image), cosines)


def _run_scores(shown: Dataset, spec: RunSpec) -> SlateScores:
    return judged_scores(shown, *read_signals(shown, spec), spec.fusion is not None and needs_own(spec.fusion))


def run_ndcg(shown: Dataset, spec: RunSpec, gains: str) -> Floats:
    """(Q,) NDCG of a run on every query, nan where undefined. Raises InputError where the bundle cannot make it."""
    return _ndcg(shown.fingerprint, spec.unnamed, gains, shown)


@st.cache_resource(max_entries=_RUNS, show_spinner="Ranking all judged queries")
def _ndcg(fingerprint: str, spec: RunSpec, gains: str, _dataset: Dataset) -> Floats:  # noqa: ARG001
    """(Q,) NDCG of a run on every query, nan where undefined."""
    run = spec_run(spec, _run_scores(_dataset, spec), _dataset.judgements)
    values = evaluate(_dataset, run, gains, ("ndcg",)).per_query["ndcg"].to_numpy()
    values.flags.writeable = False
    return values


@st.cache_resource(max_entries=_COMPARISONS, show_spinner="Comparing the runs")
def _comparison(fingerprint: str, a: RunSpec, b: RunSpec, gains: str, _dataset: Dataset) -> RunComparison:
    ndcg_a, ndcg_b = (_ndcg(fingerprint, spec, gains, _dataset) for spec in (a, b))
    return run_comparison(ndcg_a, ndcg_b, _dataset.judgements.lengths > 0)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _slate(fingerprint: str, query_id: str, a: RunSpec, b: RunSpec, gains: str, _dataset: Dataset) -> ComparedSlate:  # noqa: ARG001
    row = rankings.query_row(_dataset, query_id)
    scores = _run_scores(_dataset, a), _run_scores(_dataset, b)
    return compared_slate(_dataset, row, (a, b), scores, _dataset.scale.gains(gains))
