"""The Compare page's caches. Keys are the bundle's fingerprint and the run, less the name that somebody gave it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import text_image_cosines
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.evaluation.reports import evaluate, with_slate_scores
from sqid_core.evaluation.run_specs import RunSpec, mixed_signals, run_of
from sqid_core.types import Floats
from sqid_ui.caches.shared import query_names
from sqid_ui.compare.slate import ComparedSlate, compared_slate
from sqid_ui.compare.state import CompareSettings, Known
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


@st.cache_resource(max_entries=4, show_spinner=False)
def known(fingerprint: str, _dataset: Dataset) -> Known:
    """What a link of the page may name."""
    return Known(_dataset, frozenset(query_names(fingerprint, _dataset)))


@st.cache_resource(max_entries=2, show_spinner="Scoring the judged products")
def scored(fingerprint: str, _dataset: Dataset) -> Dataset:  # noqa: ARG001
    """The bundle with every judged pair scored: 5 MB a signal at SQID's size."""
    return with_slate_scores(_dataset)


# No spinner: work beside the page asks too.
@st.cache_resource(max_entries=2, show_spinner=False)
def judged_text_image(fingerprint: str, text: str, image: str, _dataset: Dataset) -> Floats:  # noqa: ARG001
    """(Q, C) cosine of each judged product's own text and picture, by two signals; nan at padding."""
    judgements = _dataset.judgements
    cosines = np.full(judgements.rows.shape, np.nan)
    signals = _dataset.signals[text], _dataset.signals[image]
    cosines[judgements.mask] = text_image_cosines(*signals, judgements.rows[judgements.mask])
    return cosines


def run_ndcg(shown: Dataset, spec: RunSpec, gains: str) -> Floats:
    """(Q,) NDCG of a run on every query, nan where undefined. Raises InputError where the bundle cannot make it."""
    return _ndcg(shown.fingerprint, spec.unnamed, gains, shown)


@st.cache_resource(max_entries=_RUNS, show_spinner="Ranking all judged queries")
def _ndcg(fingerprint: str, spec: RunSpec, gains: str, _dataset: Dataset) -> Floats:
    """(Q,) NDCG of a run on every query, nan where undefined."""
    ready = scored(fingerprint, _dataset)

    def text_image() -> Floats:
        return judged_text_image(fingerprint, *mixed_signals(ready, spec), _dataset)

    values = evaluate(ready, run_of(ready, spec, text_image), gains, ("ndcg",)).per_query["ndcg"].to_numpy()
    values.flags.writeable = False
    return values


@st.cache_resource(max_entries=_COMPARISONS, show_spinner="Comparing the runs")
def _comparison(fingerprint: str, a: RunSpec, b: RunSpec, gains: str, _dataset: Dataset) -> RunComparison:
    ndcg_a, ndcg_b = (_ndcg(fingerprint, spec, gains, _dataset) for spec in (a, b))
    return run_comparison(ndcg_a, ndcg_b, _dataset.judgements.lengths > 0)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _slate(fingerprint: str, query_id: str, a: RunSpec, b: RunSpec, gains: str, _dataset: Dataset) -> ComparedSlate:
    def text_image(text: str, image: str) -> Floats:
        return judged_text_image(fingerprint, text, image, _dataset)

    row = rankings.query_row(_dataset, query_id)
    return compared_slate(scored(fingerprint, _dataset), row, a, b, _dataset.scale.gains(gains), text_image)
