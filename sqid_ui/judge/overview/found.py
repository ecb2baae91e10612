"""Findings: what was tagged and noted on queries, by what these have in common, and what share of a loss it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.groupings import Groups, categories
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
from sqid_core.types import Floats, Positions
from sqid_core.wording import counted
from sqid_ui.caches.comparing import run_ndcg
from sqid_ui.caches.groups import groups_of, offered_groupings
from sqid_ui.judge.book_sources import runs_of
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.parts.walk import set_link

_WINNER, _LOSS = "who wins", "how much B loses against A"
_GROUPED = {
    "tag": Column("Tag", whole=True, width=220),
    "group": Column("Group", whole=True, width=220),
    "queries": Column("Queries", "number", 0),
    "of_tag": Column("% of the tag’s queries", "number", 0),
    "of_group": Column("% of the group’s queries", "number", 0),
}


@dataclass(frozen=True, eq=False)
class _Compared:
    """Two runs, whose names are shown, and the NDCG (Q,) of each on every query."""

    names: tuple[str, str]
    a: Floats
    b: Floats


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
    compared = _compared(dataset)
    if len(tags):
        if compared is not None:
            _losses(dataset, tags, compared)
        _by_group(dataset, tags, compared)
    names = {judge.id: judge.name for judge in judges.values()}
    frame = findings_table(dataset, found, names, _facts(dataset, compared))
    columns = {
        "query_id": st.column_config.Column("Query id"),
        "query": st.column_config.Column("Query", width="medium"),
        "category": st.column_config.Column("Category"),
        "NDCG of A": st.column_config.NumberColumn(format="%.4f"),
        "NDCG of B": st.column_config.NumberColumn(format="%.4f"),
        "product_id": st.column_config.Column("Product id"),
        "tag": st.column_config.Column("Tag"),
        "note": st.column_config.Column("Note", width="medium"),
        "judge": st.column_config.Column("Judge"),
        "time": st.column_config.Column("When (UTC)"),
        "link": st.column_config.LinkColumn("Where", display_text="open"),
    }
    told = frame.assign(time=frame["time"].dt.strftime("%Y-%m-%d %H:%M"))
    show.table("All findings", told, "The latest first.", "findings", columns)


def _compared(dataset: Dataset) -> _Compared | None:
    """The runs A and B that are chosen, by default text and what is fused; None where there are not two."""
    runs = runs_of(dataset)
    if len(runs) < 2:
        return None
    names = list(runs)
    left, right, _ = st.columns([3, 3, 6])
    a = left.selectbox("A", names, key="findings a")
    b = right.selectbox("B", names, index=len(names) - 1, key="findings b")
    ndcgs = [run_ndcg(dataset, runs[name], dataset.scale.gain_names[0]) for name in (a, b)]
    return _Compared((a, b), *ndcgs)


def _facts(dataset: Dataset, compared: _Compared | None) -> pd.DataFrame:
    """What else is known of each query, by its id: its category, and its NDCG by both runs."""
    facts: dict[str, Any] = {"category": categories(dataset)}
    if compared is not None:
        facts |= {"NDCG of A": compared.a, "NDCG of B": compared.b}
    frame = pd.DataFrame(facts, index=pd.Index(dataset.judgements.query_ids))
    return frame.dropna(axis="columns", how="all")


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


def _losses(dataset: Dataset, tags: pd.DataFrame, compared: _Compared) -> None:
    frame = loss_shares(dataset, tags, compared.a, compared.b, dataset.traffic)
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
    a, b = map(plain, compared.names)
    caption = (
        f"What B ({b}) loses against A ({a}), and which tags its queries carry. A query with several tags counts for "
        "each; split, each of its tags takes an equal part. Tags say what somebody saw there, not what caused it."
    )
    show.table("Which tags carry what B loses against A", kept, caption, "tagged-losses", columns)


def _by_group(dataset: Dataset, tags: pd.DataFrame, compared: _Compared | None) -> None:
    """The tags by what their queries have in common; a row opens its queries."""
    ways = [*offered_groupings(dataset)]
    ways = [*([_WINNER] if dataset.can_fuse else []), *([_LOSS] if compared is not None else []), *ways]
    if not ways:
        return
    by = st.selectbox("Tags by", ways, format_func=lambda way: f"{way[:1].upper()}{way[1:]}", key="tags by", width=320)
    groups = _groups(dataset, by, compared)
    frame = tag_groups(dataset, tags, groups)
    shown = frame.assign(
        of_tag=100 * frame["of_tag"], of_group=100 * frame["of_group"], place=[str(row) for row in range(len(frame))]
    )
    with show.listed(f"Tags by {plain(by)}", shown.drop(columns="place"), "tags-by-group", _GROUPED):
        opened = row_list(shown, _GROUPED, "tag-groups", "Tags by group", "place", "", lambda _: None, height=360)
    if opened is None:
        return
    tag, group = (str(frame[name].iloc[int(opened)]) for name in ("tag", "group"))
    spec = _set(dataset, f"{tag} · {group}", _tagged(dataset, tags, tag, groups.rows(group)))
    if spec is not None:
        st.switch_page("pages/search.py", query_params=set_link(spec))


def _tagged(dataset: Dataset, tags: pd.DataFrame, tag: str, rows: Positions) -> list[int]:
    """Those of some queries, by row, that carry a tag."""
    queries = tags.loc[tags["tag"] == tag, "query_id"]
    return [int(row) for row in rows if dataset.judgements.query_ids[row] in set(queries)]


def _groups(dataset: Dataset, by: str, compared: _Compared | None) -> Groups:
    if by == _LOSS and compared is not None:
        return loss_steps(compared.a, compared.b)
    if by == _WINNER:
        gains, alone = dataset.scale.gain_names[0], [RunSpec(signal=signal.name) for signal in dataset.both_signals]
        return winners(*(run_ndcg(dataset, run, gains) for run in alone))
    return groups_of(dataset, by)
