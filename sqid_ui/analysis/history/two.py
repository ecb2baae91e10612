"""Two saved evaluations: each method's change with its test, and the queries that changed most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_sets import LONGEST_SET, SetSpec, write_rows, write_set
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import measure_label, reads_relevance
from sqid_core.evaluation.regressions import MethodChange
from sqid_core.evaluation.run_specs import read_run, runs_of, tidy_name, write_run
from sqid_core.evaluation.saved import RELEVANT, SavedEvaluation
from sqid_core.evaluation.significance import TIE
from sqid_core.evaluation.verdicts import LEAST_QUERIES
from sqid_core.judging.drawn import CHOSEN
from sqid_core.wording import counted
from sqid_ui.analysis.history.kept import SavedFile
from sqid_ui.analysis.verdict_words import EFFECTIVE
from sqid_ui.caches import jobs, saved_evaluations
from sqid_ui.caches.keys import Keyed
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.parts.walk import query_link, set_link
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, give, value

# Of a set that a link leads to.
_MOST_WALKED = 100


def measure_title(measure: str) -> str:
    """A measure's name for people; as it is where this version has none of that name."""
    try:
        return measure_label(measure)
    except ValueError:
        return measure


def show_two(dataset: Dataset, before: SavedFile, now: SavedFile, measure: str) -> None:
    """What became better or worse from one to the other, or why that cannot be said."""
    old, new = before.whole(), now.whole()
    if isinstance(old, str) or isinstance(new, str):
        st.error(plain(old if isinstance(old, str) else str(new)))
        return
    running = saved_evaluations.changed(dataset, (Keyed(before.key, old), Keyed(now.key, new)), measure)
    if not running.done():
        jobs.show_when_ready([running], "Comparing query by query")
        return
    try:
        found = running.result()
    except InputError as error:
        st.info(f"Not compared: {plain(str(error))}.", icon=":material/block:")
        return
    _table(found, old, new, measure)
    _queries(dataset, found, new, measure)


def _table(found: Sequence[MethodChange], old: SavedEvaluation, new: SavedEvaluation, measure: str) -> None:
    title = plain(measure_title(measure))
    frame = pd.DataFrame(
        {
            "method": [each.name for each in found],
            "before": [each.before for each in found],
            "now": [each.now for each in found],
            "difference": [each.difference for each in found],
            "low": [each.interval[0] for each in found],
            "high": [each.interval[1] for each in found],
            "p": [each.p for each in found],
            "p Holm": [each.p_holm for each in found],
            "wins": [each.outcomes.wins for each in found],
            "ties": [each.outcomes.ties for each in found],
            "losses": [each.outcomes.losses for each in found],
            "n": [each.n for each in found],
        }
    )
    if new.traffic is not None:
        frame["effective"] = [each.outcomes.worth for each in found]
    show.table(
        f"{title}: {plain(new.where)} against {plain(old.where)}",
        frame,
        show.Basis(" ".join(filter(None, _rests_on(found, old, new, measure))), max(each.n for each in found)),
        "history-two",
        show.columns_of({"before": "Before", "now": "Now", "low": "95 % from", "high": "to", "p": "p"})
        | show.columns_of({"p Holm": "p (Holm)"})
        | {
            "method": st.column_config.TextColumn("Method", width="medium"),
            "difference": st.column_config.NumberColumn(f"Δ {measure_title(measure)}", format="%+.4f"),
            "wins": st.column_config.NumberColumn("Better", format="localized"),
            "ties": st.column_config.NumberColumn("Equal", format="localized"),
            "losses": st.column_config.NumberColumn("Worse", format="localized"),
            "n": st.column_config.NumberColumn("Queries", format="localized"),
            "effective": st.column_config.NumberColumn("Effective", format="%.1f", help=EFFECTIVE),
        },
    )


def _rests_on(found: Sequence[MethodChange], old: SavedEvaluation, new: SavedEvaluation, measure: str) -> list[str]:
    """What the numbers rest on, and what has to be known of them."""
    settings = new.settings
    apart = len(set(old.queries) ^ set(new.queries))
    was, is_now = (each.settings["fingerprint"][:8] for each in (old, new))
    names = {name for each in (old, new) for name, one in each.methods.items() if one.tested}
    alone = sorted(names - {each.name for each in found})
    relevant = reads_relevance(measure)
    worth = f"Relevant down to **{plain(settings[RELEVANT])}**" if relevant else f"Gains **{plain(settings['gains'])}**"
    few = any(np.isnan(each.interval[0]) for each in found)
    return [
        f"{worth}, labels **{plain(settings['labels'])}**, query by query.",
        f"Means are **per unit of traffic**, as it is in {plain(new.where)}." if new.traffic is not None else "",
        "p: paired randomisation test, two-sided; Holm over the rows.",
        f"Pairs **{CHOSEN}**: no interval, p or verdict." if old.chosen or new.chosen else "",
        f"No interval where fewer than two queries have a value, none differs, or some are equal and fewer than "
        f"{LEAST_QUERIES} differ."
        if few and not (old.chosen or new.chosen)
        else "",
        f"{counted(apart, 'query is', 'queries are')} in one of the two alone, and left out." if apart else "",
        f"The bundle is another one ({was}, now {is_now}): what was judged, or the products, may have changed as well."
        if was != is_now
        else "",
        f"In one of the two alone: {plain(', '.join(alone))}." if alone else "",
    ]


def _queries(dataset: Dataset, found: Sequence[MethodChange], new: SavedEvaluation, measure: str) -> None:
    names = [each.name for each in found]
    name = draw(st.selectbox, "changed", "Queries of", ["", *names[1:]], format_func=lambda name: name or names[0])
    change = found[names.index(name) if name in names else 0]
    moved = change.queries.loc[change.queries["difference"].abs() > TIE, [*_COLUMNS]].reset_index(drop=True)
    title = plain(measure_title(measure))
    if moved.empty:
        st.info(f"No query has another {title} of {plain(change.name)}.")
        return
    run = new.methods[change.name].run
    with show.listed(
        f"{counted(len(moved), 'query', 'queries')} with another {title}",
        moved,
        "history-queries",
        _COLUMNS,
        _missing(dataset, moved),
    ):
        _sets(dataset, moved, change.name, run)
        opened = row_list(
            moved, _COLUMNS, "changed queries", "Queries that changed", "query_id", value("moved"),
            lambda to: give("moved", to), height=420,
        )  # fmt: skip
    if opened is not None and opened in set(dataset.queries["query_id"]):
        _open(dataset, run, query_link(opened, ()))


_COLUMNS = {
    "query": Column("Query", width=240, whole=True),
    "before": Column("Before", "number", 4),
    "now": Column("Now", "number", 4),
    "difference": Column("Change", "number", 4, True),
    "query_id": Column("Id"),
}


def _missing(dataset: Dataset, moved: pd.DataFrame) -> str:
    gone = int((~moved["query_id"].isin(dataset.queries["query_id"])).sum())
    without = (
        f" {counted(gone, 'query is', 'queries are')} not in the open bundle and cannot be opened." if gone else ""
    )
    return f"Click a query to open it as the bundle ranks it today.{without}"


def _sets(dataset: Dataset, moved: pd.DataFrame, method: str, run: str) -> None:
    """The ways to all that lost, and to all that gained, one after another."""
    for said, some in (
        ("losses", moved[moved["difference"] < 0]),
        ("gains", moved[moved["difference"] > 0].iloc[::-1]),
    ):
        spec = _spec(dataset, some["query_id"].tolist(), f"{said} of {method}")
        if not spec:
            continue
        with st.container(horizontal=True, vertical_alignment="center", key=f"history-{said}"):
            st.markdown(f"{len(some):,} {said}:")
            runs = _runs(dataset, run)
            if runs:
                link = session.link_of(()) | set_link(spec) | runs
                st.page_link(
                    "pages/compare.py", label="On Compare", icon=":material/compare_arrows:", query_params=link
                )
            link = session.link_of(()) | set_link(spec)
            st.page_link("pages/search.py", label="On Search", icon=":material/search:", query_params=link)


def _spec(dataset: Dataset, ids: Sequence[str], name: str) -> SetSpec:
    """The judged queries of these, in this order, as many as a link holds."""
    judged = dataset.judgements.lengths > 0
    at = {str(each): row for row, each in enumerate(dataset.judgements.query_ids) if judged[row]}
    rows = [at[each] for each in ids if each in at][:_MOST_WALKED]
    spec = SetSpec(rows=write_rows(rows, dataset.fingerprint), name=tidy_name(name)) if rows else SetSpec()
    return spec if len(write_set(spec)) <= LONGEST_SET else SetSpec()


def _runs(dataset: Dataset, run: str) -> dict[str, str]:
    """The method as run B and the first other one as run A; none where the bundle no longer makes it."""
    try:
        method = read_run(run, dataset)
    except InputError:
        return {}
    other = next((each for each in runs_of(dataset) if each != method), None)
    return {} if other is None else {"a": write_run(other), "b": write_run(method)}


def _open(dataset: Dataset, run: str, query: dict[str, str]) -> None:
    link = session.link_of(()) | query
    if runs := _runs(dataset, run):
        st.switch_page("pages/compare.py", query_params=link | runs)
    st.switch_page("pages/search.py", query_params=link)
