"""The Compare page below its controls: headline, queue, and the query that is looked at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from sqid_core.analysis.methods import ranked_share
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.suggested import suggested_commands
from sqid_core.evaluation.cautions import said_share
from sqid_core.evaluation.compared_slates import ComparedSlate
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.evaluation.rank_agreement import RBO_PERSISTENCE
from sqid_core.evaluation.run_specs import RunSpec, default_pair, signal_names
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.mixes import signal_named
from sqid_core.types import Modality
from sqid_core.wording import counted, numbered
from sqid_ui.analysis.verdict_words import better_run, no_interval
from sqid_ui.caches import comparing as resources
from sqid_ui.compare import run_controls as controls
from sqid_ui.compare import two_lists as board
from sqid_ui.compare import walking
from sqid_ui.compare.data import query_shown, swaps_data
from sqid_ui.compare.lists import swap_list
from sqid_ui.compare.overturn import overturn
from sqid_ui.compare.queue_filters import await_filter, filter_awaited
from sqid_ui.compare.state import CompareSettings
from sqid_ui.compare.taken import take_comparison, take_swaps
from sqid_ui.compare.words import cause_sentence, signal_words
from sqid_ui.judge.finding_bar import finding_bar
from sqid_ui.parts import notices as states
from sqid_ui.parts import taking
from sqid_ui.parts.asked import asked_line
from sqid_ui.parts.markup import plain
from sqid_ui.parts.show import NOTHING
from sqid_ui.parts.show import counting as counting_of
from sqid_ui.parts.walk import Walk, query_link, set_fault, set_link
from sqid_ui.settings import session
from sqid_ui.settings.setting import choice
from sqid_ui.settings.shared import fusion_link

_STYLE = Path(__file__).parent / "compare.css"
_LONGEST_QUERY = 200
_FIRST = 10


def style() -> None:
    """What the theme has no setting for."""
    st.html(_STYLE)


def nothing_to_compare(dataset: Dataset) -> None:
    """A bundle with one ranking, or none, or without judgements to measure rankings by."""
    if default_pair(dataset) is not None:
        st.info("Nothing in this bundle was judged, so its runs cannot be compared.", icon=":material/rule:")
        return
    if not dataset.signals:
        states.no_signals(dataset)
        return
    signal = next(iter(dataset.signals.values()))
    other: Modality = "image" if signal.modality == "text" else "text"
    st.subheader("There is only one run here")
    st.markdown(
        f"This bundle ranks by **{plain(signal.name)}** alone, and a comparison takes two. Encode the other modality, "
        "or import a ranking that another system made (a TREC run file), then reload this page:"
    )
    st.code(
        f"{suggested_commands(dataset.folder, (other,))[0]}\n"
        f"python -m precompute run-file {dataset.folder} --signal bm25 --modality text --run bm25.run",
        language=None,
        wrap_lines=True,
    )


def show(dataset: Dataset, settings: CompareSettings, walk: Walk) -> None:
    """Both runs over all judged queries, and one query of the queue."""
    comparison = resources.comparison(dataset, settings.a, settings.b, settings.gains)
    set_fault(walk)
    runs = {"A": settings.a, "B": settings.b}
    taking.about(dataset, settings.gains, {name: (run.title, run.fusion) for name, run in runs.items()})
    _headline(dataset, comparison, settings)
    if filter_awaited(dataset, comparison, settings):
        await_filter(dataset, comparison, settings)
        return
    rows = walking.rows_of(dataset, comparison, settings, walk)
    shown = query_shown(comparison, rows, settings.query_id, dataset.judgements.query_ids)
    if shown < 0:
        st.info("No judged product has a gain under this table, so there is no NDCG to compare.")
        return
    query_id = str(dataset.judgements.query_ids[shown])
    name = str(dataset.queries["query"].iloc[shown])
    asked_line(_quoted(name))
    queue, query = st.columns([4, 8], gap="medium")
    with queue:
        walking.queue(dataset, comparison, settings, walk, shown)
    with query:
        spec = walking.queue_spec(dataset, settings, walk)
        ids = dataset.judgements.query_ids[rows[:1]].tolist() if spec else []
        _query(dataset, settings, shown, set_link(spec) | query_link(query_id, ids))
        finding_bar(dataset, query_id)
    slate = resources.slate(dataset, query_id, settings.a, settings.b, settings.gains)
    board.two_lists(dataset, slate, settings, query_id, name)
    walking.go_ahead(dataset, settings, rows, query_id)


# --- both runs over all queries ---


def _headline(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> None:
    low, high = comparison.interval
    found = comparison.outcomes
    with st.container(key="compare-numbers", horizontal=True, gap="small"):
        _number("A · mean NDCG", _ndcg(comparison.mean_a), _title(dataset, settings.a))
        _number("B · mean NDCG", _ndcg(comparison.mean_b), _title(dataset, settings.b))
        sure = no_interval(comparison.verdict) if np.isnan(low) else f"95 %: {_change(low)} to {_change(high)}"
        _number("B − A", _change(comparison.difference), sure)
        _number(
            "B wins · ties · loses",
            f"{found.wins:,} · {found.ties:,} · {found.losses:,}",
            counted(found.n, "query", "queries") + ("" if found.effective is None else f", worth {found.worth:,.1f}"),
        )
        tau, effect = resources.mean_tau(dataset, settings.a, settings.b), comparison.effect
        biased, shared = resources.mean_overlaps(dataset, settings.a, settings.b, _FIRST)
        size = "no effect size" if np.isnan(effect) else f"d = {_change(effect, 2)}"
        both = "" if np.isnan(shared) else f"{shared:.0%} of top {_FIRST} · "
        alike = " · ".join(NOTHING if np.isnan(each) else f"{each:.3f}" for each in (tau, biased))
        _number(f"Kendall’s τ · RBO({RBO_PERSISTENCE:g})", alike, both + size)
    said, measure = st.columns([7, 5], vertical_alignment="center")
    with said:
        st.markdown(_verdict(dataset, comparison, settings))
        overturn(dataset, settings)
    with measure:
        controls.measure_controls(dataset)
    rankings = {
        name: partial(resources.ranking, dataset, spec.unnamed) for name, spec in (("A", settings.a), ("B", settings.b))
    }
    take_comparison(dataset, comparison, rankings)
    read = signal_names(dataset, settings.a) + signal_names(dataset, settings.b)
    states.short_runs(dataset, read)


def _title(dataset: Dataset, run: RunSpec) -> str:
    """The run's title and, where it does not rank every judged pair, how much it ranks."""
    share = ranked_share(dataset, *(signal_named(dataset, name) for name in signal_names(dataset, run)))
    return f"{run.title} · ranks {said_share(share)}" if share < 1 else run.title


def _number(name: str, value: str, remark: str) -> None:
    st.metric(name, value, plain(remark), delta_color="off", delta_arrow="off")


def _verdict(dataset: Dataset, comparison: RunComparison, settings: CompareSettings) -> str:
    if settings.a.unnamed == settings.b.unnamed:
        said = "A and B are the same run: change one of them."
    else:
        said = better_run(comparison.verdict)
    counting = counting_of(dataset, comparison.a + comparison.b)
    said = f"{said} {counting}".strip()
    if not comparison.undefined:
        return said
    left_out = counted(comparison.undefined, "query without a gain is", "queries without a gain are")
    return f"{said} {left_out} left out."


# --- one query ---


def _query(dataset: Dataset, settings: CompareSettings, shown: int, opens: dict[str, str]) -> None:
    """opens: the parameters that open it on Search, in the queue as a set."""
    query_id = str(dataset.judgements.query_ids[shown])
    slate = resources.slate(dataset, query_id, settings.a, settings.b, settings.gains)
    name = str(dataset.queries["query"].iloc[shown])
    with st.container(key="headline", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.header(plain(_quoted(name)), anchor=False, width="content")
            st.page_link(
                "pages/search.py",
                label="Open in Search",
                icon=":material/search:",
                query_params=_search_link(dataset, settings) | opens,
            )
        st.caption(
            f"NDCG {_ndcg(slate.ndcg['a'])} with A, {_ndcg(slate.ndcg['b'])} with B. {slate.moved:,} of its "
            f"{counted(len(slate.rows), 'judged product stands', 'judged products stand')} "
            f"elsewhere.{_not_ranked(dataset, slate)}"
        )
    if np.isnan(slate.swaps.difference):
        st.info("No judged product of this query has a gain, so NDCG is not defined and no swap changes it.")
    elif not len(slate.swaps):
        st.info(_no_swaps(slate.swaps.equal_gains))
    else:
        with st.container(key="title-of-swaps", horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown("**The swaps that make the difference**", help=_SWAPS_HELP)
            words = signal_words(dataset, settings.a, settings.b)
            take_swaps(dataset, slate, [cause_sentence(each, words) for each in slate.kinds], name, _SWAPS_HELP)
        swap_list(swaps_data(dataset, slate, settings.a, settings.b, query_id), "compare-swaps")


def _quoted(name: str) -> str:
    return f"“{name if len(name) <= _LONGEST_QUERY else f'{name[:_LONGEST_QUERY]}…'}”"


def _not_ranked(dataset: Dataset, slate: ComparedSlate) -> str:
    """How many of the query's products each imported run ranks, where that is not all."""
    known = {name: int((~np.isnan(scores)).sum()) for name, scores in slate.scores.items()}
    return "".join(
        f" {plain(name)} ranks {count:,} of them."
        for name, count in known.items()
        if signal_named(dataset, name).is_run and count < len(slate.rows)
    )


def _search_link(dataset: Dataset, settings: CompareSettings) -> dict[str, str]:
    """The Search page's parameters for the fusion of B or, where that is a signal, of A."""
    spec = settings.b if settings.b.fusion is not None else settings.a
    link = fusion_link(spec.fusion or Fusion())
    link |= session.link_of([choice("gains", dataset.scale.gain_names)])
    return link | {modality: name for modality, name in (("text", spec.text), ("image", spec.image)) if name}


_SWAPS_HELP = (
    "From A to B, every pair of products whose order differs changes places once, as neighbours. Each swap’s share is "
    "the difference of the two gains times that of the two ranks’ discounts, over the ideal DCG. The shares add up to "
    "NDCG(B) − NDCG(A). Pairs of equal gain change nothing and are not listed."
)


def _no_swaps(equal_gains: int) -> str:
    if equal_gains:
        return f"Only products of equal gain changed places ({numbered(equal_gains, 'pairs')}), so NDCG is the same."
    return "Both runs rank this query alike."


def _ndcg(value: float) -> str:
    return NOTHING if np.isnan(value) else f"{value:.4f}"


def _change(value: float, digits: int = 4) -> str:
    if np.isnan(value):
        return NOTHING
    text = f"{abs(value):.{digits}f}"
    return text if float(text) == 0 else ("+" if value > 0 else "−") + text
