"""Methods over all judged queries: their measures, their tables, and the curves over the weight."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pandas as pd

from sqid_core.analysis import methods, query_weights
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.claims import unclaimed
from sqid_core.evaluation.cross_validation import CrossValidated, repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.intervals import mean_intervals
from sqid_core.evaluation.metrics import measures
from sqid_core.evaluation.power import power_table
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.evaluation.verdicts import nested_holm
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import MODALITIES, Floats
from sqid_ui.caches import jobs
from sqid_ui.caches.jobs import job
from sqid_ui.caches.keys import Kept, Keyed, cached
from sqid_ui.caches.slates import first_scores, signal_scores

BAND_RESAMPLES = 1_000
_ROWS = 1_024


# --- curves ---


def curves(shown: Dataset, fusion: Fusion, gains: str, patience: float = jobs.PATIENCE) -> Future[WeightCurves]:
    """The exact curve of every query."""
    plain, scores = fusion.weightless, first_scores(shown, fusion)
    return job(shown, ("curves", plain, gains), lambda: dataset_curves(shown, plain, gains, scores), patience)


def curves_work(shown: Dataset, fusion: Fusion, gains: str) -> Callable[[], WeightCurves]:
    """The same for work beside the page: waits for the curves, which are begun now. Never called from the pool's last
    free thread: the curves were handed to the pool first."""
    return curves(shown, fusion, gains, patience=0.0).result


def cross_validation(shown: Dataset, fusion: Fusion, gains: str) -> Future[CrossValidated]:
    """What weights reach that were chosen on other queries: one number for all views."""
    found = curves_work(shown, fusion, gains)

    def work() -> CrossValidated:
        return repeatedly_cross_validated(found(), repeated_folds(shown))

    return job(shown, ("cross-validated", fusion.weightless, gains), work)


def grid(shown: Dataset, fusion: Fusion, gains: str, found: WeightCurves) -> Floats:
    """(Q, 101) NDCG of every query at each weight. found: the curves."""
    return _grid(Keyed((shown.key, fusion.weightless, gains), found))


@cached(max_entries=8)
def _grid(found: Keyed[WeightCurves]) -> Floats:
    return query_weights.sampled(found.value)


def band(shown: Dataset, fusion: Fusion, gains: str, found: WeightCurves) -> tuple[Floats, Floats]:
    """(101,) and (101,): the ends of the 95 % interval of the mean at each weight, at 0 and 1 exactly there. found: the
    curves. nan where the labels are chosen."""
    inside = grid(shown, fusion, gains, found)
    values = np.column_stack([found.at_zero, inside[:, 1:-1], found.at_one])
    low, high = _band(Keyed((shown.key, fusion.weightless, gains), (values, found.traffic)))
    return unclaimed(low, shown.labels_chosen), unclaimed(high, shown.labels_chosen)


@cached(max_entries=16)
def _band(counted: Keyed[tuple[Floats, Floats | None]]) -> tuple[Floats, Floats]:
    values, traffic = counted.value
    found = mean_intervals(values.T, resamples=BAND_RESAMPLES, within=(0.0, 1.0), traffic=traffic)
    return found[:, 0], found[:, 1]


# --- methods ---


@cached(max_entries=32, spinner="Ranking all judged queries")
def single_methods(shown: Dataset, gains: str, k: int) -> tuple[methods.Method, ...]:
    """Random order and each signal."""
    measured = measures(k)
    alone = (methods.signal_method(shown, name, gains, measured, signal_scores(shown, name)) for name in shown.signals)
    return (methods.random_method(shown, gains, measured), *alone)


@cached(max_entries=64, spinner="Ranking all judged queries")
def chosen_method(shown: Dataset, fusion: Fusion, gains: str, k: int) -> methods.Method:
    """A fusion at its weight."""
    return methods.chosen_method(shown, fusion, gains, measures(k), first_scores(shown, fusion))


def tuned_methods(shown: Dataset, fusion: Fusion, gains: str, k: int) -> Future[tuple[methods.Method, methods.Method]]:
    """A fusion at its best and at its cross-validated weight."""
    plain, scores = fusion.weightless, first_scores(shown, fusion)
    found, chosen = curves_work(shown, plain, gains), cross_validation(shown, plain, gains).result

    def work() -> tuple[methods.Method, methods.Method]:
        return methods.tuned_methods(shown, plain, found(), gains, measures(k), scores, chosen())

    return job(shown, ("tuned", plain, gains, k), work)


def ndcgs(shown: Dataset, fusion: Fusion | None, gains: str, k: int = 10) -> dict[str, Floats]:
    """(Q,) NDCG of text, image and fused, as far as the bundle has them."""
    singles = {method.name: method for method in single_methods(shown, gains, k)}
    signals = {modality: shown.signal(modality) for modality in MODALITIES}
    found: dict[str, Floats] = {
        modality: singles[signal.name].values("ndcg") for modality, signal in signals.items() if signal is not None
    }
    return found if fusion is None else found | {"fused": chosen_method(shown, fusion, gains, k).values("ndcg")}


# --- tables of methods: a changed weight is one new row ---


_rows: Kept[Hashable, Mapping[Hashable, Any]] = Kept("rows of methods", _ROWS)


def means(shown: Dataset, keys: Sequence[Hashable], measure: str, found: Sequence[methods.Method]) -> pd.DataFrame:
    """The table of means, with intervals for one measure. keys: what each method is."""

    def made(places: list[int]) -> list[dict[Hashable, Any]]:
        return methods.means_table([found[place] for place in places], [measure]).to_dict("records")

    return pd.DataFrame(_rows.of([(shown.key, each, measure) for each in keys], made))


def differences(
    shown: Dataset,
    keys: Sequence[Hashable],
    baseline: int,
    measure: str,
    found: Sequence[methods.Method],
    first: int | None = None,
    first_whole: bool = True,
    all_whole: bool = True,
) -> pd.DataFrame:
    """The table of differences to a baseline.

    first: how many of the methods always stand there: p Holm of those is over them alone, that of the others over all,
    so that what is added changes no p. first_whole, all_whole: whether all of these are there; until then they have no
    p Holm.
    """
    others = [place for place in range(len(keys)) if place != baseline]
    stays = np.array([first is None or place < first for place in others], dtype=bool)
    tested = np.array([found[place].tested for place in others], dtype=bool)
    families = np.where(stays, (stays & tested).sum(), tested.sum())

    def made(places: list[int]) -> list[dict[Hashable, Any]]:
        rows: dict[int, dict[Hashable, Any]] = {}
        for family in sorted({int(families[place]) for place in places}):
            of_family = [place for place in places if families[place] == family]
            compared = [found[baseline], *(found[others[place]] for place in of_family)]
            table = methods.differences_table(compared, 0, measure, family).iloc[1:]
            rows |= dict(zip(of_family, table.to_dict("records"), strict=True))
        return [rows[place] for place in places]

    known_by = [
        (shown.key, keys[place], keys[baseline], measure, int(family))
        for place, family in zip(others, families, strict=True)
    ]
    table = pd.DataFrame(_rows.of(known_by, made))
    if not len(table):
        return table
    corrected = nested_holm(table["p"].to_numpy(), stays)
    return table.assign(**{"p Holm": np.where(np.where(stays, first_whole, all_whole), corrected, np.nan)})


def power(shown: Dataset, what: Hashable, differences: Floats, family: int) -> pd.DataFrame:
    """The power to find differences of the kind of some per-query differences. what: the methods that they are of, and
    the measure."""
    return _power(Keyed((shown.key, what), (differences, shown.traffic)), family)


@cached(max_entries=64)
def _power(counted: Keyed[tuple[Floats, Floats | None]], family: int) -> pd.DataFrame:
    differences, traffic = counted.value
    return power_table(differences, family, traffic)
