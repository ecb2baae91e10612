"""Should the weight depend on the query? Honest ways to choose, and an oracle beside what it finds anyway."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis import adaptive, query_weights
from sqid_core.analysis.query_features import predicted_categories, query_features
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.claims import without_claims
from sqid_core.evaluation.cross_validation import repeated_folds
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.intervals import difference_intervals
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.significance import Outcomes, holm, outcomes, randomisation_ps
from sqid_core.evaluation.slate_scores import SlateScores
from sqid_core.evaluation.verdicts import verdict
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats, Rows
from sqid_ui.analysis.evaluate import oracle
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.evaluate.stability import show_stability
from sqid_ui.analysis.verdict_words import no_better, sureness
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.caches.groups import known_features
from sqid_ui.caches.slates import first_scores
from sqid_ui.parts import show


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
    gain = query_weights.headroom(curves).gain
    shared = oracle.shared_gains(asked)
    frame = without_claims(_frame(choices, asked.dataset.traffic), asked.dataset.labels_chosen)
    _answer(asked, frame, gain, shared.result() if shared.done() else None)
    _choices(asked, choices, frame)
    oracle.show_oracle(asked, gain, shared)
    show_stability(asked, curves, choices[0])
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


def _frame(choices: list[query_weights.ChosenWeights], traffic: Floats | None) -> pd.DataFrame:
    """One row a way to choose: method, ndcg, gain over one weight for all with its interval and p, the weights."""
    gains = np.stack([choice.values - choices[0].values for choice in choices])
    low, high = difference_intervals(gains, traffic=traffic).T
    counts = [outcomes(gain, traffic=traffic) for gain in gains]
    ps = randomisation_ps(gains, traffic=traffic)
    ps[0] = np.nan
    frame = pd.DataFrame(
        {
            "method": [choice.name for choice in choices],
            "ndcg": [defined_mean(choice.values, traffic) for choice in choices],
            "gain": [defined_mean(gain, traffic) for gain in gains],
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
    return frame if traffic is None else frame.assign(effective=[each.worth for each in counts])


def _answer(asked: Asked, frame: pd.DataFrame, gain: Floats, shared: Floats | None) -> None:
    others = frame.iloc[1:]
    best = others.iloc[int(others["gain"].argmax())]
    counts = Outcomes(int(best["wins"]), int(best["ties"]), int(best["losses"]), best.get("effective"))
    found = verdict(counts, float(best["gain"]), float(best["p Holm"]), len(others))
    if found.kind == "better":
        said = f"**Yes: {best['method']} gains {best['gain']:+.4f}** over one weight for all"
    else:
        said = (
            f"**{no_better(found)}** The best of the ways below, {best['method']}, changes NDCG by {best['gain']:+.4f}"
        )
    st.markdown(
        f"{said} ({sureness(best['gain low'], best['gain high'], found, len(others), 'ways to choose')}). "
        f"{oracle.oracle_sentence(gain, shared, asked.dataset)}"
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
            asked,
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


def _rule(asked: Asked, curves: WeightCurves) -> None:
    if asked.fusion is None:
        return
    grid = query_weights.counted_grid(curves, resources.grid(asked.dataset, asked.fusion, asked.gains, curves))
    features = known_features(asked.dataset)
    tree = adaptive.fitted(features, grid, np.flatnonzero(curves.defined))
    with st.expander("The adaptive rule, as fitted on all queries", icon=":material/account_tree:"):
        st.code("\n".join(adaptive.described(tree)), language=None)
        st.caption(
            "A tree of at most four leaves over the query’s words, the category of its first hits, and each signal’s "
            "top score, gap to the second and spread. It is one weight for all where splits do not help on held-out "
            "queries. This one saw every query, so it is **in-sample**; the gain above is of trees fitted on other "
            "folds."
        )
