"""Should the weight depend on the query? The oracle beside its permuted twin, and honest ways to choose."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis import adaptive, query_weights
from sqid_core.analysis.query_features import predicted_categories, query_features
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.cross_validation import repeated_folds
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.intervals import difference_intervals
from sqid_core.evaluation.significance import Outcomes, holm, outcomes, randomisation_ps
from sqid_core.evaluation.slate_scores import SlateScores
from sqid_core.evaluation.verdicts import verdict
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats, Rows
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.verdict_words import no_better, sureness
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.caches.groups import groups_of, known_features, offered_groupings
from sqid_ui.caches.slates import first_scores
from sqid_ui.parts import show
from sqid_ui.settings.session import draw


def show_view(asked: Asked) -> None:
    """What choosing by query could gain, what it does gain, and the rule."""
    if asked.fusion is None:
        return
    running = resources.curves(asked.dataset, asked.fusion, asked.gains)
    if not running.done():
        jobs.show_when_ready([running], "Working out the exact curve of every query")
        return
    curves = running.result()
    if not curves.defined.any():
        st.info("No query has a product with a gain, so there is no NDCG to choose weights by.")
        return
    choosing = _choosing(asked.dataset, asked.fusion, asked.gains, curves)
    if not choosing.done():
        jobs.show_when_ready([choosing], "Choosing weights on other queries")
        return
    choices = choosing.result()
    permuted = jobs.job(asked.dataset, ("permuted", asked.fusion.weightless, asked.gains), _permuted(asked))
    frame = _frame(choices)
    _answer(frame, query_weights.headroom(curves), permuted.result() if permuted.done() else None)
    _choices(asked, choices, frame)
    _oracle(asked, curves, permuted)
    _rule(asked, curves)


def _choosing(
    dataset: Dataset, fusion: Fusion, gains: str, curves: WeightCurves
) -> Future[list[query_weights.ChosenWeights]]:
    """One for all, by category and adaptive, each scored on queries that it was not chosen on."""
    scores = first_scores(dataset)
    what = ("chosen weights", fusion.weightless, gains)
    return jobs.job(dataset, what, lambda: _chosen_weights(dataset, scores, curves))


def _chosen_weights(dataset: Dataset, scores: SlateScores, curves: WeightCurves) -> list[query_weights.ChosenWeights]:
    grid, features = query_weights.sampled(curves), query_features(dataset, scores)
    predicted = predicted_categories(dataset, scores)
    ways: list[Callable[[Rows], query_weights.ChosenWeights]] = [lambda folds: query_weights.one_for_all(curves, folds)]
    if any(name is not None for name in predicted):
        ways.append(lambda folds: query_weights.by_category(curves, grid, folds, predicted))
    ways.append(lambda folds: adaptive.adaptive(curves, grid, folds, features))
    repeats = repeated_folds(dataset)
    return [query_weights.repeated([way(folds) for folds in repeats]) for way in ways]


def _permuted(asked: Asked) -> Callable[[], Any]:
    """(P, Q) gain of the oracle for each permutation; None where the method has none."""
    dataset, fusion, gains = asked.dataset, asked.fusion, asked.gains
    if fusion is None or fusion.needs_own:
        return lambda: None
    scores = first_scores(dataset)

    def gained() -> Floats:
        permuted = query_weights.permuted_headrooms(dataset, fusion.weightless, gains, scores=scores)
        return np.stack([each.gain for each in permuted])

    return gained


def _frame(choices: list[query_weights.ChosenWeights]) -> pd.DataFrame:
    """One row a way to choose: method, ndcg, gain over one weight for all with its interval and p, the weights."""
    gains = np.stack([choice.values - choices[0].values for choice in choices])
    low, high = difference_intervals(gains).T
    counts = [outcomes(gain) for gain in gains]
    ps = randomisation_ps(gains)
    ps[0] = np.nan
    return pd.DataFrame(
        {
            "method": [choice.name for choice in choices],
            "ndcg": [float(np.nanmean(choice.values)) for choice in choices],
            "gain": np.nanmean(gains, axis=1),
            "gain low": low,
            "gain high": high,
            "p": ps,
            "p Holm": holm(ps),
            "wins": [each.wins for each in counts],
            "ties": [each.ties for each in counts],
            "losses": [each.losses for each in counts],
            "lowest weight": [float(choice.weights.min()) for choice in choices],
            "highest weight": [float(choice.weights.max()) for choice in choices],
        }
    )


def _answer(frame: pd.DataFrame, oracle: query_weights.Headroom, permuted: Any) -> None:
    others = frame.iloc[1:]
    best = others.iloc[int(others["gain"].argmax())]
    counts = Outcomes(int(best["wins"]), int(best["ties"]), int(best["losses"]))
    found = verdict(counts, float(best["gain"]), float(best["p Holm"]), len(others))
    if found.kind == "better":
        said = f"**Yes: {best['method']} gains {best['gain']:+.4f}** over one weight for all"
    else:
        said = (
            f"**{no_better(found)}** The best of the ways below, {best['method']}, changes NDCG by {best['gain']:+.4f}"
        )
    possible = float(np.nanmean(oracle.gain))
    chance = "" if permuted is None else f", of which {np.nanmean(permuted):+.4f} is there for shuffled pictures too"
    st.markdown(
        f"{said} ({sureness(best['gain low'], best['gain high'], found, len(others))}). "
        "Knowing each query’s labels, an oracle would gain "
        f"{possible:+.4f}{chance}."
    )


def _choices(asked: Asked, choices: list[query_weights.ChosenWeights], frame: pd.DataFrame) -> None:
    from sqid_core.figures.dots import interval_dots, zero_line

    colours = show.look()
    drawn = interval_dots(
        frame.iloc[1:].reset_index(drop=True), "method", {"gain": "gain"}, {"gain": colours.fused}, colours,
        "gain in NDCG over one weight for all",
    )  # fmt: skip
    show.figure(
        "What a weight of its own gains a query, over the best weight for all",
        zero_line(drawn, colours),
        show.basis(
            asked.gains,
            np.stack([choice.values for choice in choices]),
            more="Every weight, that for all too, was chosen on the other folds of five, ten times over: **not "
            "in-sample**. A query’s category is that of its first ten text hits; a category’s weight is pulled to the "
            "common one as if by 20 more queries. Intervals are paired, 95 %.",
        ),
        frame,
        "weights-by-query",
        show.columns_of(
            {"ndcg": "NDCG", "gain": "Gain", "gain low": "95 % from", "gain high": "to", "p": "p", "p Holm": "p (Holm)"}
        ),
    )


def _oracle(asked: Asked, curves: WeightCurves, permuted: Any) -> None:
    from sqid_core.figures.dots import interval_dots

    oracle = query_weights.headroom(curves)
    st.subheader("How much could there be to gain?", anchor=False)
    if not permuted.done():
        jobs.show_when_ready([permuted], "Shuffling the pictures of each query, 20 times")
        return
    shuffled = permuted.result()
    if shuffled is None:
        what = asked.fusion.method if asked.fusion else "fusion"
        st.caption(f"The {what} has no shuffled twin: a product’s own text belongs to its picture.")
        return
    offered = offered_groupings(asked.dataset)
    by = draw(st.selectbox, "oracle", "By", ["all queries", *offered], width=260)
    frame = _by_group(asked, oracle.gain, shuffled, "" if by == "all queries" else by)
    colours = show.look()
    show.figure(
        "Oracle headroom: the best weight of each query against one for all, real pictures and shuffled ones",
        interval_dots(
            frame,
            "group",
            {"real": "real pictures", "shuffled": "shuffled within the query (mean of 20)"},
            {"real": colours.fused, "shuffled": colours.muted},
            colours,
            "headroom in NDCG",
        ),
        show.basis(
            asked.gains,
            oracle.gain,
            more="Both weights were chosen on these very queries: **in-sample, an oracle**. The grey dots are what "
            "such an oracle finds where the pictures say nothing; only what exceeds them is worth looking for.",
        ),
        frame,
        "oracle-headroom",
        show.columns_of({"real": "Real", "shuffled": "Shuffled", "real low": "95 % from", "real high": "to"}),
    )


def _by_group(asked: Asked, real: Floats, shuffled: Floats, grouping: str) -> pd.DataFrame:
    from sqid_core.analysis.breakdown import breakdown
    from sqid_core.analysis.groupings import Groups

    everyone = Groups(("all queries",), np.zeros(len(real), np.int64))
    groups = groups_of(asked.dataset, grouping) if grouping else everyone
    return breakdown(groups, {"real": real, "shuffled": shuffled.mean(axis=0)})


def _rule(asked: Asked, curves: WeightCurves) -> None:
    if asked.fusion is None:
        return
    grid = resources.grid(asked.dataset, asked.fusion, asked.gains, curves)
    features = known_features(asked.dataset)
    tree = adaptive.fitted(features, grid, np.flatnonzero(curves.defined))
    with st.expander("The adaptive rule, as fitted on all queries", icon=":material/account_tree:"):
        st.code("\n".join(adaptive.described(tree)), language=None)
        st.caption(
            "A tree of at most four leaves over the query’s words, predicted category, and each signal’s top score, "
            "gap to the second and spread. It is one weight for all where splits do not help on held-out queries. This "
            "one saw every query, so it is **in-sample**; the gain above is of trees fitted on other folds."
        )
