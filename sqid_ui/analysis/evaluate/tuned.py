"""Two signals side by side, usually an encoder before and after fine-tuning: overall, by group, by query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.groupings import SMALL
from sqid_core.analysis.query_sets import SetSpec
from sqid_core.analysis.query_table import LOSSES, WINS
from sqid_core.bundle.adapted_signal import AdaptedSignal
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.tuned_signal import TunedSignal
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.evaluation.run_specs import RunSpec, write_run
from sqid_core.evaluation.validation import of_scores
from sqid_core.evaluation.verdicts import LEAST_QUERIES
from sqid_core.wording import counted, numbered
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.verdict_words import EFFECTIVE, better_run, no_interval
from sqid_ui.caches.comparing import comparison
from sqid_ui.caches.groups import groups_of, offered_groupings, pair_table
from sqid_ui.caches.keys import Keyed
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.walk import queries_link, set_link
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.setting import Setting, choice

_SHOWN = 5


def settings(dataset: Dataset) -> tuple[Setting, ...]:
    """Which two signals, and by which groups."""
    before, after = _usual(dataset)
    names = tuple(dataset.signals)
    return (
        choice("before", names, before, of_bundle=True),
        choice("after", names, after, of_bundle=True),
        choice("tuned-by", offered_groupings(dataset)),
    )


def _usual(dataset: Dataset) -> tuple[str, str]:
    """A signal that was fine-tuned and what it was made of, else the first two."""
    if (first := next(_tuned(dataset), None)) is not None:
        return first.of, first.name
    names = [*dataset.signals, *dataset.signals, ""]
    return names[0], names[1]


def is_tuned(dataset: Dataset) -> bool:
    """Whether a signal of the bundle was fine-tuned from another."""
    return any(True for _ in _tuned(dataset))


def _tuned(dataset: Dataset) -> Iterator[AdaptedSignal | TunedSignal]:
    for each in dataset.signals.values():
        if isinstance(each, AdaptedSignal | TunedSignal) and each.of in dataset.signals:
            yield each


def show_view(asked: Asked) -> None:
    """Which of the two is better, where, and on which queries most."""
    names = list(asked.dataset.signals)
    before, after, by = st.columns(3, vertical_alignment="bottom", gap="medium")
    draw(before.selectbox, "before", "Before", names)
    draw(after.selectbox, "after", "After", names)
    draw(by.selectbox, "tuned-by", "Group queries by", offered_groupings(asked.dataset), format_func=str.capitalize)
    pair = RunSpec(signal=value("before")), RunSpec(signal=value("after"))
    if pair[0] == pair[1]:
        st.info("Choose two different signals.", icon=":material/tune:")
        return
    found = comparison(asked.dataset, *pair, asked.gains)
    if not found.outcomes.n:
        st.info("No query has a product with a gain, so there is no NDCG to compare by.")
        return
    _answer(asked, found)
    _by_group(asked, pair)
    _by_query(asked, pair, found)


def _answer(asked: Asked, found: RunComparison) -> None:
    signals = [asked.dataset.signals[name] for name in found.names]
    kinds = [of_scores(signal) for signal in signals]
    names = [plain(name) for name in found.names]
    show.numbers(
        *((f"{name}, {kind}", show.number(mean)) for name, kind, mean in zip(names, kinds, _means(found), strict=True)),
        ("Difference", show.number(found.difference, signed=True)),
        name="-tuned",
    )
    low, high = found.interval
    sure = no_interval(found.verdict) if np.isnan(low) else f"95 %: {show.interval(low, high, signed=True)}"
    counts = found.outcomes
    st.markdown(
        f"{better_run(found.verdict).replace('**B ', f'**{names[1]} ').replace('**A ', f'**{names[0]} ')} "
        f"{names[1]} against {names[0]}: {found.difference:+.4f} ({sure}): better on "
        f"{numbered(counts.wins, 'queries')}, equal on "
        f"{counts.ties:,}, worse on {counts.losses:,}."
    )


def _means(found: RunComparison) -> tuple[float, float]:
    return found.mean_a, found.mean_b


def _by_group(asked: Asked, pair: tuple[RunSpec, RunSpec]) -> None:
    from sqid_core.figures.dots import interval_dots, zero_line

    grouping, colours = value("tuned-by"), show.look()
    groups = groups_of(asked.dataset, grouping)
    if not groups.names:
        st.caption(f"No query belongs to a group by {grouping}.")
        return
    table = pair_table(asked.dataset, Keyed(grouping, groups), *pair, asked.gains)
    before, after = (spec.signal for spec in pair)
    small = f"Hollow, Few: fewer than {SMALL} queries. " if bool(table["small"].any()) else ""
    drawn = interval_dots(
        table, "group", {"lift": f"{after} − {before}"}, {"lift": colours.fused}, colours, "difference in mean NDCG"
    )
    show.figure(
        f"{plain(after)} − {plain(before)} by {grouping}{show.with_intervals(asked.dataset)}",
        zero_line(drawn, colours),
        show.basis(
            asked,
            np.zeros(len(groups.of_query)),
            more=f"{small}Differences query by query; p: paired randomisation test, corrected by Holm over the groups. "
            f"No interval where some queries are equal and fewer than {LEAST_QUERIES} differ.",
            rows=groups.of_query >= 0,
        ),
        table,
        "tuned-groups",
        _columns(grouping, before, after),
    )
    _group_table(table, grouping, before, after)


def _group_table(table: pd.DataFrame, grouping: str, before: str, after: str) -> None:
    kept = ("group", "n", "effective", "small", "before", "after", "lift", "lift low", "lift high", "p Holm")
    show.table(
        "Each group in numbers",
        table[[name for name in kept if name in table]],
        "",
        "tuned-table",
        _columns(grouping, before, after),
    )


def _columns(grouping: str, before: str, after: str) -> dict[str, object]:
    numbers = {"before": before, "after": after, "lift": "Δ NDCG", "lift low": "95 % from", "lift high": "to"}
    return show.columns_of(numbers | {"p Holm": "p (Holm)", "p": "p"}) | {
        "group": st.column_config.TextColumn(grouping.capitalize(), width="medium"),
        "n": st.column_config.NumberColumn("Queries", format="localized"),
        "effective": st.column_config.NumberColumn("Effective", format="%.1f", help=EFFECTIVE),
        "small": st.column_config.CheckboxColumn("Few"),
        "differ": st.column_config.NumberColumn("Differ", format="localized"),
    }


def _by_query(asked: Asked, pair: tuple[RunSpec, RunSpec], found: RunComparison) -> None:
    """The queries that gain and that lose most, and the ways to all of them."""
    runs = {"a": write_run(pair[0]), "b": write_run(pair[1])}
    gains = "" if asked.gains == asked.dataset.scale.default_gains else asked.gains
    columns = st.columns(2, gap="medium")
    for column, title, preset, rows in (
        (columns[0], "Gains most", WINS, found.wins),
        (columns[1], "Loses most", LOSSES, found.losses),
    ):
        spec = SetSpec(preset=preset, gains=gains, **runs)
        with column, st.container(key=f"tuned {preset}"):
            st.subheader(title, anchor=False)
            st.caption(f"{counted(len(rows), 'query', 'queries')}, picked by their scores.")
            _listed(asked.dataset, rows[:_SHOWN].tolist(), found)
            if not len(rows):
                continue
            with st.container(horizontal=True):
                opens = session.link_of(()) | set_link(spec) | runs
                st.page_link(
                    "pages/compare.py", label="On Compare", icon=":material/compare_arrows:", query_params=opens
                )
                walks = session.link_of(()) | set_link(spec)
                st.page_link("pages/search.py", label="On Search", icon=":material/search:", query_params=walks)
                listed = queries_link(asked.dataset, spec)
                st.page_link("pages/queries.py", label="List", icon=":material/list_alt:", query_params=listed)


def _listed(dataset: Dataset, rows: Sequence[int], found: RunComparison) -> None:
    texts = dataset.queries["query"]
    change = found.b - found.a
    if rows:
        st.markdown("\n".join(f"* {plain(texts.iloc[row])} ({change[row]:+.3f})" for row in rows))
