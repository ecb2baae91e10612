"""The ladder of rankers: what every step adds to the one below it, and what the best ranker of each query would add."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.ladder import (
    ABOUT,
    LEARNED,
    MIX,
    PRESENCE,
    RANDOM,
    SIGNAL,
    WEIGHT,
    Rung,
    ordered,
    signal_rung,
    step_of,
)
from sqid_core.bundle.costs import read_costs
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.query_costs import seconds_a_query
from sqid_core.evaluation.significance import Outcomes
from sqid_core.evaluation.validation import ABOUT as KINDS
from sqid_core.evaluation.verdicts import LEAST_QUERIES, Verdict, verdict
from sqid_core.judging.drawn import CHOSEN
from sqid_core.wording import counted
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.evaluate.kinds_and_costs import COST, said_seconds
from sqid_ui.analysis.evaluate.mixing import NORM
from sqid_ui.analysis.evaluate.ranker_oracle import show_oracle
from sqid_ui.analysis.verdict_words import EFFECTIVE
from sqid_ui.caches import jobs, ladder, mixing
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

# Each further signal makes the search for weights longer.
_MOST_MIXED = 6


def show_view(asked: Asked) -> None:
    """The highest rung in a sentence, the ladder as dots, every step in numbers, the oracle."""
    rungs, running, notes = _rungs(asked)
    if not all(each.done() for each in running):
        # Holm is over all steps, and what a step is measured against may still come.
        jobs.show_when_ready(running, "Learning what missing parts give away, and choosing weights on other queries")
        return
    if not any(rung.method.report.n_scored for rung in rungs):
        st.info("No query has a product with a gain, so there is no NDCG to compare rankers by.")
        return
    table = ladder.table(asked.dataset, (asked.fusion, asked.gains, asked.k), rungs)
    st.markdown(_answer(asked, table))
    _dots(asked, rungs, table)
    _steps(asked, rungs, table, notes)
    show_oracle(asked)


def mixed_names(dataset: Dataset) -> tuple[str, ...]:
    """The signals of the mix, the first few: those that no label of the bundle made and that are no cross-encoder's;
    none where one weight says it all."""
    alone = _alone(dataset)
    return tuple(alone[:_MOST_MIXED]) if len(alone) > (2 if dataset.can_fuse else 1) else ()


def _alone(dataset: Dataset) -> list[str]:
    return [name for name, signal in dataset.signals.items() if step_of(signal) == SIGNAL]


def _rungs(asked: Asked) -> tuple[list[Rung], list[Future[Any]], list[str]]:
    """Those that are ready, the work that is still running, and what has to be known of what is not there."""
    dataset, gains, k = asked.dataset, asked.gains, asked.k
    random, *alone = resources.single_methods(dataset, gains, k)
    rungs = [Rung(RANDOM, random)]
    rungs += [signal_rung(dataset.signals[method.name], method) for method in alone]
    running: list[Future[Any]] = []
    notes: list[str] = []
    if not any(rung.step == PRESENCE for rung in rungs):
        work = ladder.presence(dataset, gains, k)
        found = work.result() if work.done() else None
        running += [work]
        if isinstance(found, str):
            notes.append(f"No step for what missing parts give away: {plain(found)}.")
        elif found is not None:
            rungs.append(Rung(PRESENCE, found))
    if asked.fusion is not None:
        tuned = resources.tuned_methods(dataset, asked.fusion, gains, k)
        running += [tuned]
        if tuned.done():
            fused = tuple(signal.name for signal in dataset.both_signals)
            rungs.append(Rung(WEIGHT, tuned.result()[1], fused))
    if names := mixed_names(dataset):
        mix = mixing.mixed(dataset, names, gains, k, NORM)
        running += [mix]
        if mix.done():
            rungs.append(Rung(MIX, mix.result().honest))
        first = f"the first {len(names)} signals, " if len(names) < len(_alone(dataset)) else ""
        notes.append(
            f"The mix is of {first}{plain(', '.join(names))}, each at a weight that other folds chose (z-scores)."
        )
    return ordered(rungs), running, notes


def _verdict(row: pd.Series[Any], family: int) -> Verdict:
    counts = Outcomes(int(row["wins"]), int(row["ties"]), int(row["losses"]), row.get("effective"))
    return verdict(counts, float(row["difference"]), float(row["p Holm"]), family)


def _answer(asked: Asked, table: pd.DataFrame) -> str:
    """The highest rung that is not in-sample, and which steps are surely up or down."""
    honest = table[~table["in-sample"].astype(bool)]
    top = honest.sort_values("ndcg", kind="stable").iloc[-1]
    sentence = f"**Highest: {plain(top['method'])}, NDCG {top['ndcg']:.4f}** ({top['validation'] or 'expected'})."
    if asked.dataset.labels_chosen:
        return f"{sentence} Pairs {CHOSEN}: no step has an interval, p or verdict."
    tested = table[table["p"].notna()]
    found = {
        name: _verdict(row, len(tested)).kind
        for name, (_, row) in zip(tested["method"], tested.iterrows(), strict=True)
    }
    said = [
        f"{word} {'; '.join(_step(row) for _, row in tested.iterrows() if found[row['method']] == kind)}"
        for kind, word in (("better", "surely up:"), ("worse", "surely down:"))
        if kind in found.values()
    ]
    open_ = sum(kind not in ("better", "worse") for kind in found.values())
    if open_:
        said.append(f"{open_:,} that these queries do not tell")
    steps = (
        f"Of {counted(len(tested), 'step', 'steps')} with a test, after Holm over all: {'. '.join(said)}."
        if len(tested)
        else ""
    )
    return f"{sentence} {steps}".strip()


def _step(row: pd.Series[Any]) -> str:
    return f"{plain(row['method'])} over {plain(row['against'])} ({row['difference']:+.4f})"


def _dots(asked: Asked, rungs: Sequence[Rung], table: pd.DataFrame) -> None:
    from sqid_core.figures.ladder_dots import ladder_dots

    values = np.stack([rung.method.values("ndcg") for rung in rungs])
    show.figure(
        f"From a random order up{show.with_intervals(asked.dataset)}",
        ladder_dots(table, "ndcg", [_role(asked.dataset, rung) for rung in rungs], show.look(), "mean NDCG"),
        show.basis(
            asked,
            values,
            more="Dotted: the step from what a ranker is measured against. Hollow: **in-sample**. Intervals of means "
            "are wider than those of steps, which compare the same queries.",
        ),
        table[["step", "method", "validation", "ndcg", "ndcg low", "ndcg high", "against"]],
        "ladder",
        show.columns_of({"ndcg": "NDCG", "ndcg low": "95 % from", "ndcg high": "to"}),
    )


def _role(dataset: Dataset, rung: Rung) -> str:
    name = rung.method.name
    if rung.step in (RANDOM, PRESENCE):
        return ""
    return dataset.signals[name].modality if name in dataset.signals and rung.step != LEARNED else "fused"


def _steps(asked: Asked, rungs: Sequence[Rung], table: pd.DataFrame, notes: Sequence[str]) -> None:
    frame = table.drop(columns=["in-sample", "ndcg low", "ndcg high"]).assign(seconds=_seconds(asked, rungs))
    frame = frame[frame["against"].notna()]
    show.table(
        "What each step adds to the one below",
        frame,
        show.Basis(
            f"Each ranker against the one beside it, query by query. p: paired randomisation test, two-sided; Holm "
            f"over all steps that have one: none beside a random order, which is an expectation, and nothing where "
            f"weights are in-sample. No interval where some queries are equal and fewer than {LEAST_QUERIES} differ. "
            f"{show.counting(asked.dataset, rungs[-1].method.values('ndcg'))} {show.reach(asked.dataset)}".strip(),
            show.defined(rungs[-1].method.values("ndcg")),
        ),
        "ladder-steps",
        show.columns_of(
            {"ndcg": "NDCG", "difference": "Δ NDCG", "difference low": "95 % from", "difference high": "to"}
        )
        | show.columns_of({"p": "p", "p Holm": "p (Holm)"})
        | {
            "step": st.column_config.TextColumn("Step"),
            "method": st.column_config.TextColumn("Ranker", width="medium"),
            "validation": st.column_config.TextColumn("Validation"),
            "against": st.column_config.TextColumn("Against", width="medium"),
            "wins": st.column_config.NumberColumn("Better", format="localized"),
            "ties": st.column_config.NumberColumn("Equal", format="localized"),
            "losses": st.column_config.NumberColumn("Worse", format="localized"),
            "n": st.column_config.NumberColumn("Queries", format="localized"),
            "effective": st.column_config.NumberColumn("Effective", format="%.1f", help=EFFECTIVE),
            "seconds": st.column_config.TextColumn("Seconds a query"),
        },
    )
    _explained(table, notes)


def _explained(table: pd.DataFrame, notes: Sequence[str]) -> None:
    """What the steps and the kinds of validation are."""
    lines = [f"* **{step}**: {text}" for step, text in ABOUT.items() if step in set(table["step"])]
    kinds = [f"* **{kind}**: {text}" for kind, text in KINDS.items() if kind in set(table["validation"])]
    with st.expander("What the steps are, and what they are measured against", icon=":material/stairs:"):
        st.markdown("\n".join(lines))
        st.markdown(
            "A step is measured against the one below; where that has several, against the one with the highest mean "
            "on these queries, a choice that hinders what comes next and never helps it. A fine-tuned signal is "
            "measured against what it was made from, one weight against the better of its two signals. "
            f"{' '.join(notes)}"
        )
        st.markdown("\n".join(kinds))
        st.markdown(COST)


def _seconds(asked: Asked, rungs: Sequence[Rung]) -> list[str]:
    dataset = asked.dataset
    costs = read_costs(dataset.folder, dataset.manifest)
    found = []
    for rung in rungs:
        names = (
            mixed_names(dataset) if rung.step == MIX else rung.made_of if rung.step == WEIGHT else (rung.method.name,)
        )
        known = rung.step != RANDOM and all(name in dataset.signals for name in names)
        found.append(said_seconds(seconds_a_query(dataset, names, costs) if known else float("nan")))
    return found
