"""What the analysis pages work out once and share. Keys are the bundle's fingerprint and the settings that matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis import groupings, methods, query_weights
from sqid_core.analysis.query_features import QueryFeatures, query_features
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import share_a_space
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.evaluation.significance import bootstrap_intervals, holm
from sqid_core.evaluation.slate_scores import SlateScores, needs_own
from sqid_core.ranking.fusion import METHODS, Fusion
from sqid_core.types import Floats
from sqid_ui.caches import jobs
from sqid_ui.caches.comparing import judged_scores, signal_scores
from sqid_ui.caches.jobs import job

BAND_RESAMPLES = 1_000


def scores(shown: Dataset, fusion: Fusion | None = None) -> SlateScores:
    """What the first text and the first image signal say of every judged pair. fusion: that is to read them."""
    text, image = (None if signal is None else signal.name for signal in map(shown.signal, ("text", "image")))  # type: ignore[arg-type,unused-ignore]
    return judged_scores(shown, text, image, fusion is not None and needs_own(fusion))


def fusion_methods(shown: Dataset) -> tuple[str, ...]:
    """The methods that the bundle's first text and image signal allow."""
    shared = share_a_space(*shown.both_signals)
    return tuple(method for method in METHODS if shared or method != "embedding average")


# --- curves ---


def curves(shown: Dataset, fusion: Fusion, gains: str, patience: float = jobs.PATIENCE) -> Future[WeightCurves]:
    """The exact curve of every query."""
    plain = fusion.weightless
    return job(
        shown, ("curves", plain, gains), lambda: dataset_curves(shown, plain, gains, scores(shown, plain)), patience
    )


def curves_work(shown: Dataset, fusion: Fusion, gains: str) -> Callable[[], WeightCurves]:
    """The same for work beside the page: waits for the curves, which are begun now. Never called from the pool's last
    free thread: the curves were handed to the pool first."""
    return curves(shown, fusion, gains, patience=0.0).result


def grid(shown: Dataset, fusion: Fusion, gains: str, found: WeightCurves) -> Floats:
    """(Q, 101) NDCG of every query at each weight. found: the curves."""
    return _grid(shown.fingerprint, fusion.weightless, gains, found)


@st.cache_resource(max_entries=8, show_spinner=False)
def _grid(fingerprint: str, fusion: Fusion, gains: str, _curves: WeightCurves) -> Floats:  # noqa: ARG001
    return query_weights.sampled(_curves)


# --- methods ---


@st.cache_resource(max_entries=32, show_spinner="Ranking all judged queries")
def single_methods(fingerprint: str, gains: str, k: int, _dataset: Dataset) -> list[methods.Method]:  # noqa: ARG001
    """Random order and each signal."""
    alone = (
        methods.signal_method(
            _dataset, name, gains, methods.measures(k), signal_scores(_dataset.fingerprint, name, _dataset)
        )
        for name in _dataset.signals
    )
    return [methods.random_method(_dataset, gains, k), *alone]


@st.cache_resource(max_entries=64, show_spinner="Ranking all judged queries")
def chosen_method(fingerprint: str, fusion: Fusion, gains: str, k: int, _dataset: Dataset) -> methods.Method:  # noqa: ARG001
    """A fusion at its weight."""
    return methods.chosen_method(_dataset, fusion, gains, methods.measures(k), scores(_dataset, fusion))


def tuned_methods(shown: Dataset, fusion: Fusion, gains: str, k: int) -> Future[tuple[methods.Method, methods.Method]]:
    """A fusion at its best and at its cross-validated weight."""
    plain = fusion.weightless
    curves_ = curves_work(shown, plain, gains)

    def work() -> tuple[methods.Method, methods.Method]:
        return methods.tuned_methods(shown, plain, curves_(), gains, methods.measures(k), scores(shown, plain))

    return job(shown, ("tuned", plain, gains, k), work)


def ndcgs(shown: Dataset, fusion: Fusion | None, gains: str, k: int = 10) -> dict[str, Floats]:
    """(Q,) NDCG of text, image and fused, as far as the bundle has them."""
    singles = {method.name: method for method in single_methods(shown.fingerprint, gains, k, shown)}
    found = {}
    for modality in ("text", "image"):
        signal = shown.signal(modality)  # type: ignore[arg-type,unused-ignore]
        if signal is not None:
            found[modality] = singles[signal.name].values("ndcg")
    if fusion is not None:
        found["fused"] = chosen_method(shown.fingerprint, fusion, gains, k, shown).values("ndcg")
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def known_rows(fingerprint: str) -> dict[Any, Any]:  # noqa: ARG001
    """Rows of the tables of methods that were worked out, by what they are of: a changed weight is one new row."""
    return {}


def means(shown: Dataset, keys: Sequence[Any], measure: str, found: Sequence[methods.Method]) -> pd.DataFrame:
    """The table of means, with intervals for one measure. keys: what each method is."""
    known = known_rows(shown.fingerprint)
    new = [place for place, each in enumerate(keys) if (each, measure) not in known]
    if new:
        rows = methods.means_table([found[place] for place in new], [measure]).to_dict("records")
        known.update({(keys[place], measure): row for place, row in zip(new, rows, strict=True)})
    return pd.DataFrame([known[each, measure] for each in keys])


def differences(
    shown: Dataset, keys: Sequence[Any], baseline: int, measure: str, found: Sequence[methods.Method]
) -> pd.DataFrame:
    """The table of differences to a baseline; p Holm is over its rows."""
    known = known_rows(shown.fingerprint)
    of = [(each, keys[baseline], measure) for each in keys]
    new = [place for place, each in enumerate(of) if each not in known and place != baseline]
    if new:
        fresh = [found[baseline], *(found[place] for place in new)]
        rows = methods.differences_table(fresh, 0, measure).iloc[1:].to_dict("records")
        known.update({of[place]: row for place, row in zip(new, rows, strict=True)})
    table = pd.DataFrame([known[each] for place, each in enumerate(of) if place != baseline])
    return table.assign(**{"p Holm": holm(table["p"].to_numpy())}) if len(table) else table


# --- queries and groups ---


@st.cache_resource(max_entries=4, show_spinner=False)
def offered_groupings(fingerprint: str, _dataset: Dataset) -> tuple[str, ...]:  # noqa: ARG001
    """The groupings that the bundle has the columns for."""
    return groupings.offered(_dataset)


@st.cache_resource(max_entries=64, show_spinner=False)
def groups(fingerprint: str, grouping: str, _dataset: Dataset) -> groupings.Groups:  # noqa: ARG001
    """The groups of a grouping."""
    return groupings.groups_of(_dataset, grouping)


@st.cache_resource(max_entries=4, show_spinner=False)
def features(fingerprint: str, _dataset: Dataset) -> QueryFeatures:  # noqa: ARG001
    """What is known of each query before it is judged."""
    return query_features(_dataset, scores(_dataset))


@st.cache_resource(max_entries=16, show_spinner=False)
def band(fingerprint: str, fusion: Fusion, gains: str, _grid_values: Floats) -> tuple[Floats, Floats]:  # noqa: ARG001
    """(101,) and (101,): the ends of the 95 % interval of the mean at each weight."""
    found = bootstrap_intervals(_grid_values.T, resamples=BAND_RESAMPLES)
    return found[:, 0], found[:, 1]
