"""The page's order: settings, the grouping, the answer, dots, the table, and a second grouping as a heat map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.breakdown import crossed, group_weights
from sqid_core.analysis.groupings import SMALL, Groups, grouping_of
from sqid_core.analysis.query_weights import sampled
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.claims import without_claims
from sqid_core.wording import counted
from sqid_ui.analysis import controls
from sqid_ui.analysis.breakdown.judge_these import judge_these
from sqid_ui.analysis.breakdown.lift import DIFFERENCES, Asked
from sqid_ui.analysis.breakdown.where_better import few_queries, show_answer
from sqid_ui.analysis.verdict_words import EFFECTIVE
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.caches.groups import group_table, groups_of, offered_groupings
from sqid_ui.caches.keys import Keyed
from sqid_ui.parts import notices as states
from sqid_ui.parts import show, taking
from sqid_ui.parts.markup import plain
from sqid_ui.parts.ranking_names import NAMES
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.parts.walk import Walk, leave, queries_link, set_fault, set_link, settled_set
from sqid_ui.settings import session, shared
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import choice, words
from sqid_ui.settings.shared import counted as counted_dataset

PAGE = "breakdown"
NONE = "none"


def run(dataset: Dataset) -> None:
    """The whole page."""
    show.style()
    st.title("Breakdown")
    groupings = offered_groupings(dataset) if dataset.signals else ()
    if not dataset.signals:
        session.settle()
        session.publish()
        states.no_signals(dataset)
        return
    walk = settled_set(dataset)
    rejected = controls.settle(
        dataset,
        PAGE,
        choice("group-by", groupings),
        choice("and-by", (NONE, *groupings)),
        choice("lift", tuple(DIFFERENCES)),
        choice("order", ("group", "lift")),
        words("sort"),
        coherent=_coherent,
    )
    if not dataset.judgements.lengths.any():
        session.publish()
        show.no_queries()
        return
    controls.fusion_controls(dataset)
    states.rejected_parameters(rejected)
    _grouping_controls(dataset, groupings)
    fusion = controls.chosen_fusion(dataset)
    _set_shown(dataset, walk)
    groups = _of_set(dataset, groups_of(dataset, value("group-by")), walk)
    if not groups.names:
        session.publish()
        st.info(f"No query belongs to a group by {value('group-by')}: no judged product says enough.")
        return
    dataset = counted_dataset(dataset)
    runs = resources.ndcgs(dataset, fusion, value("gains"))
    asked = Asked(dataset, fusion, value("gains"), value("group-by"), groups, runs, walk.spec.unnamed)
    taking.about(dataset, asked.gains, controls.rankings(fusion))
    table = _table(asked)
    show_answer(asked, table)
    judge_these(asked)
    states.short_runs(dataset)
    _dots(asked, table)
    opened = _list(asked, table)
    if value("and-by") != NONE:
        _heat_map(asked)
    session.publish()
    if opened is not None:
        _open(asked, opened)


def _coherent(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A heat map of a grouping by itself would be a diagonal."""
    same = values["and-by"] == values["group-by"]
    return {**shared.coherent_fusion(values), **({"and-by": NONE} if same else {})}


def _set_shown(dataset: Dataset, walk: Walk) -> None:
    """Which queries are looked at where those are not all, and what that means for the tests."""
    set_fault(walk)
    if walk.found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="set-shown"):
        st.markdown(f"The set **{plain(walk.found.name)}**: {counted(len(walk.found.ids), 'query', 'queries')}")
        link = queries_link(dataset, walk.spec)
        st.page_link("pages/queries.py", label="List", icon=":material/list_alt:", query_params=link)
        st.button("Leave the set", key="leave set", type="tertiary", icon=":material/close:", on_click=leave)
    if walk.spec.preset:
        st.caption("They were picked by how they score, so no interval and no test here speaks of other queries.")


def _of_set(dataset: Dataset, groups: Groups, walk: Walk) -> Groups:
    if walk.found is None:
        return groups
    return groups.within(np.flatnonzero(np.isin(dataset.judgements.query_ids.astype(str), walk.found.ids)))


def _grouping_controls(dataset: Dataset, groupings: tuple[str, ...]) -> None:
    with st.container(key="grouping-controls"):
        first, second, lift, order = st.columns([3, 3, 4, 3], gap="medium", vertical_alignment="bottom")
    draw(first.selectbox, "group-by", "Group queries by", groupings, format_func=str.capitalize)
    others = [name for name in (NONE, *groupings) if name != value("group-by")]
    draw(second.selectbox, "and-by", "Heat map by", others, format_func=str.capitalize)
    if dataset.can_fuse:
        names = {name: title for name, (title, *_) in DIFFERENCES.items()}
        draw(lift.segmented_control, "lift", "Difference", list(names), required=True, format_func=names.__getitem__)
        draw(order.segmented_control, "order",
            "Order", ["group", "lift"], required=True,
            format_func={"group": "As is", "lift": "Difference"}.__getitem__,
        )  # fmt: skip
    st.caption(plain(grouping_of(dataset, value("group-by")).about))


def _table(asked: Asked) -> pd.DataFrame:
    known = Keyed((asked.grouping, asked.spec), asked.groups)
    table = group_table(asked.dataset, known, asked.fusion, asked.gains, asked.compare)
    if asked.fusion is not None:
        what = ("group weights", asked.fusion.weightless, asked.gains, asked.grouping, asked.spec)
        running = jobs.job(asked.dataset, what, _weights(asked))
        if running.done():
            table = without_claims(table.join(running.result()), asked.dataset.labels_chosen)
        else:
            jobs.show_when_ready([running], "Working out the best weight of each group")
    if asked.compare is not None and value("order") == "lift":
        table = table.sort_values("lift", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    return table


def _weights(asked: Asked) -> Callable[[], pd.DataFrame]:
    """The best weight of each group, worked out beside the page."""
    if asked.fusion is None:
        raise ValueError("there is nothing to weigh")
    curves, groups = resources.curves_work(asked.dataset, asked.fusion, asked.gains), asked.groups
    traffic = asked.dataset.traffic
    return lambda: group_weights(groups, sampled(curves()), traffic)


def _dots(asked: Asked, table: pd.DataFrame) -> None:
    from sqid_core.figures.dots import interval_dots

    colours = show.look()
    small = f"Hollow: {few_queries(table)}. " if bool(table["small"].any()) else ""
    show.figure(
        f"Mean NDCG by {asked.grouping}{show.with_intervals(asked.dataset)}",
        interval_dots(
            table,
            "group",
            {name: NAMES[name] for name in asked.runs} | {"random": "random order"},
            {name: colours.of(name) for name in asked.runs} | {"random": colours.muted},
            colours,
            "mean NDCG",
        ),
        show.basis(
            asked,
            np.stack(list(asked.runs.values())),
            more=f"{small}{show.as_set(asked.fusion)} 95 % intervals over the group’s queries.",
            rows=asked.groups.of_query >= 0,
        ),
        table,
        "breakdown",
        show.columns_of({name: NAMES[name] for name in asked.runs}),
    )


def _list(asked: Asked, table: pd.DataFrame) -> str | None:
    """The same in numbers; the group that was opened."""
    shown = table[[name for name in ("group", "n", "effective", "small") if name in table]].copy()
    for name in asked.runs:
        shown[name] = table[name]
    shown["random"] = table["random"]
    for name in asked.runs:
        shown[f"{name} above chance"] = table[f"{name} above chance"]
    if asked.compare is not None:
        shown["lift"] = table["lift"]
        shown["interval"] = [
            None if np.isnan(low) else show.interval(low, high, True)
            for low, high in zip(table["lift low"], table["lift high"], strict=True)
        ]
        shown["p Holm"] = table["p Holm"]
    if "weight" in table:
        shown["weight"] = table["weight"]
        shown["weights"] = [
            None if np.isnan(low) else show.span(low, high)
            for low, high in zip(table["weight low"], table["weight high"], strict=True)
        ]
    caption = show.Basis(
        "Click a group to see its queries. Random: the mean over all orders, exactly. Above chance: the sum of "
        "NDCG − random over the sum of 1 − random, so that groups with other labels compare: 0 is a random order, "
        f"1 the best.{_equal_gains(table)} p: paired randomisation test, corrected by Holm over the groups. Best "
        "weight: chosen on the group’s own queries, so **in-sample**, with the 95 % bootstrap interval of that "
        f"choice. {_counting(asked)}".strip(),
        show.defined(np.stack(list(asked.runs.values()))[:, asked.groups.of_query >= 0]),
    )
    columns = _columns(asked)
    with show.listed("Each group in numbers", shown, "groups", columns, caption):
        return row_list(shown, columns, "group list", "Groups", "group", value("sort"), lambda to: give("sort", to))


def _counting(asked: Asked) -> str:
    values = np.stack(list(asked.runs.values()))
    return f"{show.counting(asked.dataset, values, asked.groups.of_query >= 0)} {show.reach(asked.dataset)}"


def _equal_gains(table: pd.DataFrame) -> str:
    count = int(table["equal gains"].sum())
    return (
        f" It leaves out {counted(count, 'query', 'queries')} whose products are all worth the same." if count else ""
    )


def _columns(asked: Asked) -> dict[str, Column]:
    above = {f"{name} above chance": Column(f"{NAMES[name]} above chance", "number", 3) for name in asked.runs}
    return (
        {name: Column(NAMES[name], "number", 4) for name in asked.runs}
        | above
        | {
            "random": Column("Random", "number", 4),
            "group": Column(asked.grouping.capitalize(), width=200),
            "n": Column("Queries", "number"),
            "effective": Column("Effective", "number", 1, help=EFFECTIVE),
            "small": Column("Few", "flag", help=f"Fewer than {SMALL} queries, or worth fewer: chance rules."),
            "lift": Column(_lift_title(asked), "number", 4, True),
            "interval": Column("95 %"),
            "p Holm": Column("p (Holm)", "number", 4),
            "weight": Column("Best weight", "number", 2),
            "weights": Column("95 %"),
        }
    )


def _lift_title(asked: Asked) -> str:
    return DIFFERENCES[value("lift")][0] if asked.compare else ""


def _heat_map(asked: Asked) -> None:
    from sqid_core.figures.grids import heat_map

    other = value("and-by")
    second = groups_of(asked.dataset, other).within(np.flatnonzero(asked.groups.of_query >= 0))
    compare = asked.compare
    if compare is None:
        name = next(iter(asked.runs))
        values, what = asked.runs[name], f"{NAMES[name]} NDCG"
    else:
        values, what = asked.runs[compare[1]] - asked.runs[compare[0]], _lift_title(asked)
    cells = crossed(asked.groups, second, values, asked.dataset.traffic)
    show.figure(
        f"{what} by {asked.grouping} and {other}",
        heat_map(
            cells,
            asked.groups.names,
            second.names,
            SMALL,
            compare is not None,
            show.look(),
            what,
            (asked.grouping, other),
        ),
        show.basis(
            asked,
            values,
            more=f"In brackets: fewer than {SMALL} queries. {show.as_set(asked.fusion)}",
            rows=(asked.groups.of_query >= 0) & (second.of_query >= 0),
        ),
        cells,
        "heat-map",
        show.columns_of({"mean": what}),
    )


def _open(asked: Asked, group: str) -> None:
    link = controls.fusion_link(asked.dataset) | {"by": asked.grouping, "group": group} | set_link(asked.spec)
    st.switch_page("pages/queries.py", query_params=link)
