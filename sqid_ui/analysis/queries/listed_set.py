"""What the page lists as a set: its filters by their definition, its choice on the map by rows; and the ways to walk
it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_sets import LONGEST_SET, SetSpec, list_spec, write_rows
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import LONGEST_NAME, RunSpec, tidy_name, write_run
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Positions
from sqid_core.wording import counted
from sqid_ui.analysis.queries.asked import ALL, EVERY
from sqid_ui.caches.query_sets import query_set
from sqid_ui.judge.to_book import to_book
from sqid_ui.parts.markup import plain
from sqid_ui.parts.walk import Walk, leave, set_link
from sqid_ui.settings import session
from sqid_ui.settings.session import give, value
from sqid_ui.settings.setting import choice

# Ids stand in lines, or with blanks or commas between them.
_BETWEEN_IDS = re.compile(r"[\s,;]+")
_LONGEST_LIST = 200_000
_IDS = "ids of a set"


def filters(dataset: Dataset, fusion: Fusion | None, two_runs: bool) -> SetSpec:
    """The preset, the text and the group that are set."""
    group = "" if value("by") == EVERY or value("group") == ALL else value("group")
    spec = SetSpec(
        preset="" if value("preset") == ALL else value("preset"),
        find=value("find").strip(),
        by=value("by") if group else "",
        group=group,
    )
    return _measured(dataset, spec, fusion, two_runs)


def _measured(dataset: Dataset, spec: SetSpec, fusion: Fusion | None, two_runs: bool) -> SetSpec:
    """With the runs and the gains that its preset or its order reads, as they are set; without what it does not."""
    gains = "" if value("gains") == dataset.scale.gain_names[0] else value("gains")
    spec = replace(spec, gains=gains if spec.preset or spec.sort else "", run="", a="", b="")
    if two_runs:
        return replace(spec, a=value("a"), b=value("b")) if spec.preset or spec.sort else spec
    if fusion is None or not spec.reads_fused:
        return spec
    return replace(spec, run=write_run(RunSpec(fusion=fusion)))


def rows(dataset: Dataset, table: pd.DataFrame, spec: SetSpec, walk: Walk) -> Positions:
    """The rows that the filters leave, of the link's set where there is one; in the preset's order, else the set's."""
    place = pd.Index(table["query_id"])
    found = place.get_indexer(list(query_set(dataset, spec).ids))
    if walk.found is None:
        return found
    of_set = place.get_indexer(list(walk.found.ids))
    return found[np.isin(found, of_set)] if spec.preset else of_set[np.isin(of_set, found)]


def listed(
    dataset: Dataset,
    spec: SetSpec,
    walk: Walk,
    chosen: tuple[str, ...],
    sort: str,
    fusion: Fusion | None,
    ids: list[str],
    two_runs: bool,
) -> SetSpec:
    """The set that is listed. spec: the filters. chosen: on the map. ids: what is listed, in order."""
    if walk.found is None:
        rows = ""
        if chosen:
            at = np.flatnonzero(np.isin(dataset.judgements.query_ids.astype(str), chosen))
            rows = write_rows(at.tolist(), dataset.fingerprint)
        return _measured(dataset, replace(spec, rows=rows, sort=sort), fusion, two_runs)
    if list(walk.found.ids) == ids:
        return walk.spec
    return list_spec(dataset, ids) if ids else SetSpec()


def walking(dataset: Dataset, spec: SetSpec, count: int, link: dict[str, str]) -> None:
    """The ways to walk what is listed, a name for it, and a set of one's own. link: the parameters of the fusion."""
    opened = st.popover("Walk", icon=":material/directions_walk:", key="walk popover", on_change="rerun")
    if not opened.open:
        return
    with opened:
        name = st.text_input("Name of this set", max_chars=LONGEST_NAME, placeholder=spec.title, key="name of the set")
        parameter = set_link(replace(spec, name=tidy_name(name or "") or spec.name))
        fits = len("".join(parameter.values())) <= LONGEST_SET
        said = "one after the other with the keys J and K." if fits else "more than a link can hold: choose fewer."
        st.caption(f"{counted(count, 'query', 'queries')}, {said}")
        if count and fits:
            there = link | parameter
            compare = session.link_of([choice("gains", dataset.scale.gain_names)]) | parameter
            compare |= {key: each for key, each in (("a", spec.a), ("b", spec.b)) if each}
            st.page_link("pages/search.py", label="On Search", icon=":material/search:", query_params=there)
            st.page_link("pages/compare.py", label="On Compare", icon=":material/compare_arrows:", query_params=compare)
            st.page_link(
                "pages/breakdown.py", label="By group", icon=":material/stacked_bar_chart:", query_params=there
            )
            to_book("Judge them: a new book", "set", **parameter)
        st.text_area("Or a list of ids", key=_IDS, max_chars=_LONGEST_LIST, height=80)
        st.button("Make it a set", key="make a set", on_click=_make, args=(dataset,))
        if fault := st.session_state.get(f"{_IDS} fault"):
            st.warning(plain(fault))


def _make(dataset: Dataset) -> None:
    """The ids that were typed become the page's set, and no filter hides any of them."""
    wanted = [each for each in _BETWEEN_IDS.split(st.session_state[_IDS]) if each]
    st.session_state[f"{_IDS} fault"] = ""
    try:
        give("set", list_spec(dataset, wanted, st.session_state.get("name of the set") or ""))
    except InputError as error:
        sentence = f"{error}"
        st.session_state[f"{_IDS} fault"] = f"{sentence[:1].upper()}{sentence[1:]}."
        return
    for name, cleared in {"preset": ALL, "find": "", "group": ALL, "pick": (), "sort": ""}.items():
        give(name, cleared)


def of_set(walk: Walk) -> None:
    """Which set the list is narrowed to; nothing where to none."""
    if walk.found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="set-shown"):
        st.markdown(f"In the set **{plain(walk.found.name)}** of {counted(len(walk.found.ids), 'query', 'queries')}")
        st.button("Leave the set", key="leave set", type="tertiary", icon=":material/close:", on_click=leave)
