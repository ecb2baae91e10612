"""The queue's differences summed by category and by cause; each sum is a filter of the queue."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import streamlit as st

from sqid_core.analysis.loss_causes import CauseShares, cause_shares
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.types import Floats, Rows
from sqid_ui.caches.jobs import job, show_when_ready
from sqid_ui.caches.judged_queries import topic_names, topics
from sqid_ui.caches.slates import run_scores
from sqid_ui.compare.data import queue_rows
from sqid_ui.compare.state import QUEUES, CompareSettings
from sqid_ui.compare.words import cause_group, signal_words
from sqid_ui.settings.session import draw, give, value

_ASKED = "compare by cause"
_SUMMING = "Summing the causes of every query"
_HELP = (
    "By the share that each cause has in the queries’ differences. A query is listed under its largest cause; the sum "
    "of a cause is over all queries of the queue."
)


def filtered(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> Rows:
    """The rows of the queue that the filters leave, the largest difference first."""
    rows = queue_rows(comparison, settings.queue)
    if settings.queue not in QUEUES:
        return rows
    if settings.category:
        rows = rows[topics(dataset)[rows] == settings.category]
    if settings.cause:
        found = _causes(dataset, comparison, settings).result()
        if settings.cause in found.names:
            rows = rows[np.isin(rows, found.rows[found.main == found.names.index(settings.cause)])]
    return rows


def filter_awaited(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> bool:
    """Whether the queue's filter needs causes that are still being summed, as where a link opens it: a few seconds for
    a large bundle, in which the page says so and shows itself again."""
    if settings.queue not in QUEUES or not settings.cause:
        return False
    return not _causes(dataset, comparison, settings).done()


def await_filter(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> None:
    """Says what the filter waits for."""
    show_when_ready([_causes(dataset, comparison, settings)], _SUMMING)


def filters(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> None:
    """Boxes for the categories and the causes, once they are asked for: a large bundle takes its time."""
    rows = queue_rows(comparison, settings.queue)
    if not len(rows) or settings.queue not in QUEUES:
        return
    if not (settings.cause or settings.category or st.session_state.get(_ASKED)):
        st.button("Sum by cause", key="sum by cause", type="tertiary", icon=":material/functions:", on_click=_ask)
        return
    differences = (comparison.b - comparison.a)[rows]
    if topic_names(dataset):
        own = topics(dataset)[rows]
        _box("category", "Category", topic_names(dataset), lambda name: (differences[own == name], (own == name).sum()))
    running = _causes(dataset, comparison, settings)
    if not running.done():
        show_when_ready([running], _SUMMING)
        return
    found = running.result()

    def of_cause(name: str) -> tuple[Floats, int]:
        kind = found.names.index(name)
        return found.shares[:, kind], int((found.main == kind).sum())

    if settings.cause in ("", *found.names):
        _box("cause", "Cause", found.names, of_cause, _HELP)


def _ask() -> None:
    st.session_state[_ASKED] = True


def _box(
    name: str, label: str, options: tuple[str, ...], of: Callable[[str], tuple[Floats, int]], about: str = ""
) -> None:
    """A box whose every option says its sum and its queries, the largest first."""
    sums = {option: (float(shares.sum()), int(count)) for option, (shares, count) in ((o, of(o)) for o in options)}
    offered = sorted((o for o in options if sums[o][1] or o == value(name)), key=lambda option: -abs(sums[option][0]))
    draw(
        st.selectbox,
        name,
        label,
        offered,
        format_func=lambda option: f"{option} · {_signed(sums[option][0])} · {sums[option][1]:,}",
        placeholder=f"Any {label.lower()}",
        label_visibility="collapsed",
        help=about or None,
        on_change=give,
        args=("query_id", ""),
    )


def _signed(total: float) -> str:
    return ("−" if total < 0 else "+") + f"{abs(total):.3f}"


def _causes(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> Future[CauseShares]:
    a, b = settings.a.unnamed, settings.b.unnamed
    scores = run_scores(dataset, a), run_scores(dataset, b)
    words, gains = signal_words(dataset, a, b), dataset.scale.gains(settings.gains)
    rows = queue_rows(comparison, settings.queue)

    def work() -> CauseShares:
        return cause_shares(dataset, rows, (a, b), scores, gains, lambda cause: cause_group(cause, words))

    return job(dataset, ("causes", a, b, settings.gains, settings.queue), work)
