"""A set of queries on the Search page: where one is in it, the other pages that it opens on, and the next board."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import RunSpec, write_run
from sqid_ui.caches.ahead import work_ahead
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.caches.rankings import searched, slate_curve
from sqid_ui.parts.walk import (
    Walk,
    leave,
    near_ones,
    note_seen,
    queries_link,
    query_link,
    set_fault,
    set_link,
    take_steps,
    walk_bar,
)
from sqid_ui.search import controls
from sqid_ui.search.page import question
from sqid_ui.search.state import SearchSettings
from sqid_ui.settings import session
from sqid_ui.settings.session import value
from sqid_ui.settings.setting import choice
from sqid_ui.settings.shared import fusion_of

_KEY = "search-walk"


def take(walk: Walk) -> None:
    """The steps that were asked for since the last run."""
    if walk.found is not None:
        take_steps(_KEY, walk.found, value("query_id"), controls.open_query)


def show(dataset: Dataset, walk: Walk, query_id: str) -> None:
    """Where one is in the set, and the ways out of it; nothing where none is walked."""
    set_fault(walk)
    if walk.found is None:
        return
    with st.container(key="walk", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            walk_bar(_KEY, walk.found, query_id, query_names(dataset), controls.open_query, dataset.fingerprint)
        gains = session.link_of([choice("gains", dataset.scale.gain_names)])
        link = queries_link(dataset, walk.spec)
        st.page_link("pages/queries.py", label="List", icon=":material/list_alt:", query_params=link)
        compare = gains | set_link(walk.spec) | query_link(query_id, walk.found.ids)
        compare |= {"a": walk.spec.a, "b": walk.spec.b} if walk.spec.a and walk.spec.b else _fused(dataset)
        st.page_link("pages/compare.py", label="Compare", icon=":material/compare_arrows:", query_params=compare)
        st.button("Leave", key="leave set", type="tertiary", icon=":material/close:", on_click=leave)


def _fused(dataset: Dataset) -> dict[str, str]:
    """The fusion of this page as Compare's second run."""
    return {"b": write_run(RunSpec(fusion=fusion_of(session.values())))} if dataset.can_fuse else {}


def go_ahead(dataset: Dataset, walk: Walk, settings: SearchSettings) -> None:
    """Once a query is shown: notes that it was seen, and works out those that come next. dataset: with the signals of
    the settings first."""
    if walk.found is None or not settings.query_id:
        return
    note_seen(dataset.fingerprint, settings.query_id)
    for_next = (replace(settings, query_id=each) for each in near_ones(walk.found, settings.query_id))
    work_ahead([partial(_prepare, dataset, each) for each in for_next])


def _prepare(dataset: Dataset, settings: SearchSettings) -> None:
    searched(dataset, question(dataset, settings), settings.fusion, only=settings.filter)
    if not settings.searches_catalogue and dataset.can_fuse:
        slate_curve(dataset, settings.query_id, settings.fusion, settings.gains)
