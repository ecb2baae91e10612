"""Findings: what was tagged and noted on queries, by what these have in common, and what share of a loss it carries."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from sqid_core.analysis.groupings import Groups
from sqid_core.analysis.query_sets import SetSpec, write_rows
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.judging.findings import (
    findings,
    findings_table,
    loss_shares,
    loss_steps,
    query_tags,
    tag_groups,
    winners,
)
from sqid_core.judging.store import Judge
from sqid_core.wording import counted
from sqid_ui.caches.groups import groups_of, offered_groupings
from sqid_ui.caches.measuring import ndcgs
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.walk import set_link
from sqid_ui.settings import shared

_PERCENT = {"of_tag": "Of the tag’s queries", "of_group": "Of the group’s queries"}


def show_findings(dataset: Dataset, acts: pd.DataFrame, judges: Mapping[str, Judge]) -> None:
    """The tags, by group, and all findings."""
    found = findings(acts)
    if found.empty:
        st.info(
            "Nothing was found yet. On Search and on Compare press T to tag the query that is shown, or N to write a "
            "note.",
            icon=":material/label:",
        )
        return
    tags = query_tags(found)
    _tags(dataset, tags)
    if dataset.can_fuse and len(tags):
        _losses(dataset, tags)
        _by_group(dataset, tags)
    names = {judge.id: judge.name for judge in judges.values()}
    frame = findings_table(dataset, found, names)
    columns = {"link": st.column_config.LinkColumn("Where", display_text="open"), "time": None}
    told = {name: config for name, config in columns.items() if config is not None}
    show.table("All findings", frame.drop(columns="time"), "The latest first.", "findings", told)


def _tags(dataset: Dataset, tags: pd.DataFrame) -> None:
    """Each tag, and the set of its queries."""
    with st.container(horizontal=True, gap="small", key="tags"):
        for tag, rows in tags.groupby("tag", sort=False):
            queries = rows["query_id"].unique()
            places = pd.Index(dataset.judgements.query_ids).get_indexer(pd.Index(queries))
            label = f"{plain(str(tag))} · {counted(len(queries), 'query', 'queries')}"
            spec = _set(dataset, str(tag), [int(place) for place in places if place >= 0])
            if spec is None:
                st.caption(label)
            else:
                st.page_link("pages/search.py", label=label, icon=":material/label:", query_params=set_link(spec))
    st.caption("A tag opens its queries, one after another.")


def _set(dataset: Dataset, tag: str, rows: list[int]) -> SetSpec | None:
    try:
        return SetSpec(rows=write_rows(rows, dataset.fingerprint), name=tag[:60].strip()) if rows else None
    except (InputError, ValueError):
        return None


def _losses(dataset: Dataset, tags: pd.DataFrame) -> None:
    fusion = shared.kept_fusion()
    runs = ndcgs(dataset, fusion, dataset.scale.gain_names[0])
    frame = loss_shares(dataset, tags, runs["text"], runs["fused"], dataset.traffic)
    columns = {
        "tag": st.column_config.Column("Tag"),
        "queries": st.column_config.NumberColumn("Queries"),
        "losing": st.column_config.NumberColumn("Lose"),
        "share": st.column_config.NumberColumn("Share of all losses", format="percent"),
        "split": st.column_config.NumberColumn("Share, split", format="percent"),
        "win share": st.column_config.NumberColumn("Share of all wins", format="percent"),
        **show.columns_of({"mean": "Mean difference"}),
    }
    kept = frame[[name for name in columns if name in frame]]
    caption = (
        f"What the fused ranking ({plain(RunSpec(fusion=fusion).title)}) loses against text, and which tags its "
        "queries carry. A query with several tags counts for each; split, each of its tags takes an equal part. Tags "
        "say what somebody saw there, not what caused it."
    )
    show.table("What share of the losses carries which tag", kept, caption, "tagged-losses", columns)


def _by_group(dataset: Dataset, tags: pd.DataFrame) -> None:
    ways = ["who wins", "how much fusing loses", *offered_groupings(dataset)]
    by = st.selectbox("Tags by", ways, format_func=str.capitalize, key="tags by", width=320)
    frame = tag_groups(dataset, tags, _groups(dataset, by))
    columns = {
        "tag": st.column_config.Column("Tag"),
        "group": st.column_config.Column(by.capitalize()),
        "queries": st.column_config.NumberColumn("Queries"),
        **{name: st.column_config.NumberColumn(title, format="percent") for name, title in _PERCENT.items()},
    }
    show.table(f"Tags by {plain(by)}", frame, "", "tags-by-group", columns)


def _groups(dataset: Dataset, by: str) -> Groups:
    if by not in ("who wins", "how much fusing loses"):
        return groups_of(dataset, by)
    runs = ndcgs(dataset, shared.kept_fusion(), dataset.scale.gain_names[0])
    return winners(runs["text"], runs["image"]) if by == "who wins" else loss_steps(runs["text"], runs["fused"])
