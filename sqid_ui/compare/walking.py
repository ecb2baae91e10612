"""The queue of queries on the Compare page: losses, wins, or the set that a link names; walked as on Search."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from sqid_core.analysis.query_sets import QuerySet, SetSpec, write_rows
from sqid_core.analysis.query_table import LOSSES as BIGGEST_LOSSES
from sqid_core.analysis.query_table import WINS as BIGGEST_WINS
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.evaluation.run_specs import write_run
from sqid_core.types import Rows
from sqid_ui.caches import comparing as resources
from sqid_ui.caches.ahead import work_ahead
from sqid_ui.compare.data import query_shown, queue_data, queue_rows
from sqid_ui.compare.lists import queue_list
from sqid_ui.compare.overturn import runs_link
from sqid_ui.compare.queue_filters import filter_awaited, filtered, filters
from sqid_ui.compare.state import LOSSES, QUEUES, SET, WINS, CompareSettings, compare_settings
from sqid_ui.judge.to_book import to_book
from sqid_ui.parts.walk import Go, Walk, leave, near_ones, note_seen, queries_link, set_link, take_steps, walk_bar
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, give

_NAMES = {SET: "Set", LOSSES: "Losses", WINS: "Wins"}
_TITLES = {LOSSES: "B loses", WINS: "B wins"}
_EMPTY = {SET: "The set holds no query.", LOSSES: "B loses on no query.", WINS: "B wins on no query."}
_KEY = "compare-walk"


def queue(dataset: Dataset, comparison: RunComparison, settings: CompareSettings, walk: Walk, shown: int) -> None:
    """The queues to choose from, where one is in this one, and a stretch of it. shown: a query's row."""
    queues = QUEUES if walk.found is None else (SET, *QUEUES)
    counts = {queue: len(queue_rows(comparison, queue, _of_set(dataset, walk))) for queue in queues}
    draw(
        st.segmented_control,
        "queue",
        "Queries where B",
        queues,
        format_func=lambda queue: f"{_NAMES[queue]} {counts[queue]:,}",
        on_change=give,
        args=("query_id", ""),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    rows = rows_of(dataset, comparison, settings, walk)
    if settings.queue == SET:
        with st.container(horizontal=True, vertical_alignment="center"):
            link = queries_link(dataset, walk.spec)
            st.page_link("pages/queries.py", label="List", icon=":material/list_alt:", query_params=link)
            st.button("Leave the set", key="leave set", type="tertiary", icon=":material/close:", on_click=leave)
    filters(dataset, comparison, settings)
    if not len(rows) and counts[settings.queue]:
        st.caption("No query of the queue is left by the filters.")
        return
    if not len(rows):
        st.caption(
            {LOSSES: "B loses on no query.", WINS: "B wins on no query."}.get(settings.queue, "The set is empty.")
        )
        return
    ids = dataset.judgements.query_ids
    name = walk.found.name if walk.found and settings.queue == SET else _TITLES[settings.queue]
    walk_bar(_KEY, _queue_set(dataset, rows, name), str(ids[shown]), {}, _opener(dataset, rows))
    names = dataset.queries["query"].astype(str).tolist()
    data = queue_data(comparison, rows, shown, ids, names)
    queue_list(data, "compare-queue", lambda query_id: give("query_id", query_id))
    if settings.queue == SET:
        to_book("Judge this set", "set", **set_link(walk.spec))
    else:
        to_book("Judge losses and wins", "losses", **runs_link(settings))


def _of_set(dataset: Dataset, walk: Walk) -> npt.NDArray[np.int64] | None:
    """The rows of the set that is walked, None where there is none."""
    return None if walk.found is None else walk.found.rows(dataset)


def rows_of(dataset: Dataset, comparison: RunComparison, settings: CompareSettings, walk: Walk) -> Rows:
    """The rows of the queue, or of the set that is walked, in order."""
    if settings.queue == SET:
        return queue_rows(comparison, settings.queue, _of_set(dataset, walk))
    return filtered(dataset, comparison, settings)


def _queue_set(dataset: Dataset, rows: Rows, name: str) -> QuerySet:
    return QuerySet(name, tuple(map(str, dataset.judgements.query_ids[rows])))


def _opener(dataset: Dataset, rows: Rows) -> Go:
    """Opens a query of the queue; its first one is in no link."""
    first = str(dataset.judgements.query_ids[rows[0]]) if len(rows) else ""
    return lambda query_id, **notes: give("query_id", "" if query_id == first else query_id, **notes)


def take(dataset: Dataset, walk: Walk) -> None:
    """The steps that were asked for since the last run, from where the session is now: perhaps ahead of what was
    drawn."""
    settings = compare_settings(session.values())
    comparison = resources.comparison(dataset, settings.a, settings.b, settings.gains)
    if filter_awaited(dataset, comparison, settings):
        return
    rows = rows_of(dataset, comparison, settings, walk)
    ids = dataset.judgements.query_ids
    shown = query_shown(comparison, rows, settings.query_id, ids)
    if shown >= 0:
        take_steps(_KEY, _queue_set(dataset, rows, ""), str(ids[shown]), _opener(dataset, rows))


def queue_spec(dataset: Dataset, settings: CompareSettings, walk: Walk) -> SetSpec:
    """The queue as a set that other pages open."""
    if settings.queue == SET:
        return walk.spec
    if settings.category or settings.cause:
        comparison = resources.comparison(dataset, settings.a, settings.b, settings.gains)
        rows = [int(row) for row in rows_of(dataset, comparison, settings, walk)]
        name = " · ".join(filter(None, (_TITLES[settings.queue], settings.category, settings.cause)))
        return SetSpec(rows=write_rows(rows, dataset.fingerprint), name=name) if rows else SetSpec()
    gains = "" if settings.gains == dataset.scale.gain_names[0] else settings.gains
    preset = {LOSSES: BIGGEST_LOSSES, WINS: BIGGEST_WINS}[settings.queue]
    return SetSpec(preset=preset, a=write_run(settings.a.unnamed), b=write_run(settings.b.unnamed), gains=gains)


def go_ahead(dataset: Dataset, settings: CompareSettings, rows: Rows, query_id: str) -> None:
    """Once a query is shown: notes that it was seen, and works out those that come next."""
    note_seen(dataset.fingerprint, query_id)
    a, b, gains = settings.a, settings.b, settings.gains
    near = near_ones(_queue_set(dataset, rows, ""), query_id)
    work_ahead([partial(resources.slate, dataset, each, a, b, gains) for each in near])
