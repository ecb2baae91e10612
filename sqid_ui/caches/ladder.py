"""Rankers side by side: what the ladder needs beyond single methods, worked out beside the page."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import pandas as pd

from sqid_core.analysis.best_ranker import BestRanker, best_ranker
from sqid_core.analysis.ladder import Rung, ladder_table
from sqid_core.analysis.methods import Method
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import measures
from sqid_core.learning.presence import presence_method
from sqid_ui.caches.jobs import FEW, job
from sqid_ui.caches.keys import Keyed, cached
from sqid_ui.caches.slates import signal_scores


def presence(shown: Dataset, gains: str, k: int) -> Future[Method | str | None]:
    """A learner that knows only which parts a product has; the sentence that says what it lacks here, or None where
    nothing teaches it."""

    def work() -> Method | str | None:
        try:
            return presence_method(shown, gains, measures(k))
        except InputError as error:
            return str(error)

    return job(shown, ("presence", gains, k), work, at_once=FEW)


def oracle(shown: Dataset, names: Sequence[str], gains: str) -> Future[BestRanker]:
    """The best signal of each query, and draws in which one is right for all."""
    scores = {name: signal_scores(shown, name) for name in names}
    return job(shown, ("best ranker", *names, gains), lambda: best_ranker(shown, scores, gains))


def table(shown: Dataset, what: tuple[object, ...], rungs: Sequence[Rung]) -> pd.DataFrame:
    """The ladder of some rungs. what: all that they depend on beside the data set."""
    names = tuple(rung.method.name for rung in rungs)
    return _table(Keyed((shown.key, what, names), tuple(rungs)))


@cached(max_entries=16, spinner="Measuring each step")
def _table(rungs: Keyed[tuple[Rung, ...]]) -> pd.DataFrame:
    return ladder_table(rungs.value)
