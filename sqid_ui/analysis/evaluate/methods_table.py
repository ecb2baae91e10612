"""Methods by measures, with intervals, and their differences from a baseline."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.methods import Method
from sqid_core.bundle.traffic import counted_by
from sqid_core.evaluation.metrics import METRICS, at_cutoff, measure_kinds, measure_label, measures
from sqid_core.evaluation.significance import Outcomes, holm
from sqid_core.evaluation.verdicts import Verdict, verdict
from sqid_core.exports.tables import Best
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.methods import Method as Rule
from sqid_core.ranking.norms import NO_NORM, NORMS
from sqid_core.wording import numbered
from sqid_ui.analysis.controls import fusion_methods
from sqid_ui.analysis.evaluate.asked import Asked, measured
from sqid_ui.analysis.evaluate.differences import show_differences, show_power
from sqid_ui.analysis.evaluate.kinds_and_costs import show_validations
from sqid_ui.analysis.verdict_words import mixing_sentence, sureness
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw, value


@dataclass(frozen=True, eq=False)
class Compared:
    """The methods that are ready, what each is (a key), and the work that is still running. first: how many of them
    always stand there, those of the chosen fusion; the toggle adds the others. whole: whether all of those are ready.
    """

    methods: list[Method]
    keys: list[Any]
    running: list[Future[Any]]
    first: int
    whole: bool


_IN_SAMPLE = " A signal learned from these labels, so that even these weights are in-sample."
_RANKED = {
    "ranked": st.column_config.NumberColumn(
        "Ranked", format="percent", help="The share of the judged pairs that the imported runs behind this line rank."
    )
}


def show_view(asked: Asked) -> None:
    """The answer in a sentence, the chosen measure as dots, every measure as a table, the differences."""
    compared = compared_methods(asked)
    methods = compared.methods
    answer = st.container()
    jobs.show_when_ready(compared.running, "Choosing weights on all judged queries")
    measure = _controls(asked)
    names = [method.name for method in methods]
    baseline = names.index(value("baseline")) if value("baseline") in names else 0
    means = resources.means(asked.dataset, compared.keys, measure, methods)
    differences = resources.differences(
        asked.dataset, compared.keys, baseline, measure, methods, compared.first, compared.whole, not compared.running
    )
    with answer:
        _answer(asked, compared)
    _dots(asked, methods, means, measure)
    show_differences(asked, methods[baseline], differences, measure)
    show_power(asked, methods[: compared.first], compared.keys, methods[baseline], measure)
    _all_measures(asked, methods, means)
    show_validations(asked, methods)


def compared_methods(asked: Asked) -> Compared:
    """The single signals, the chosen fusion at three weights and, where all are asked for, the other fusions."""
    shown, gains, k = asked.dataset, asked.gains, asked.k
    methods = list(resources.single_methods(shown, gains, k))
    keys: list[Any] = [(method.name, gains, k) for method in methods]
    running: list[Future[Any]] = []
    first, whole = len(methods), True
    for fusion in _fusions(asked):
        methods.append(resources.chosen_method(shown, fusion, gains, k))
        keys.append((fusion, gains, k))
        tuned = resources.tuned_methods(shown, fusion, gains, k)
        if tuned.done():
            methods += tuned.result()
            keys += [(fusion.weightless, kind, gains, k) for kind in ("best", "cross-validated")]
        else:
            running.append(tuned)
        if fusion == asked.fusion:
            first, whole = len(methods), tuned.done()
    return Compared(methods, keys, running, first, whole)


def _fusions(asked: Asked) -> list[Fusion]:
    """The chosen one and, where all are asked for, the others at the same weight and policy."""
    if asked.fusion is None:
        return []
    found = [asked.fusion]
    if value("all"):
        for method in fusion_methods(asked.dataset):
            for norm in _compared_norms(METHODS[method]):
                found.append(replace(asked.fusion, method=method, norm=norm))
    return list(dict.fromkeys(found))


def _compared_norms(rule: Rule) -> list[str]:
    """The norm that a method has anyway and, where it reads one, those that are compared with it."""
    compared = [name for name in rule.norms if rule.reads_norm and NORMS[name].compared]
    return list(dict.fromkeys([rule.coherent_norm(NO_NORM), *compared]))


def _controls(asked: Asked) -> str:
    """The measure, the baseline, and whether all fusions are compared; the chosen measure's full name."""
    titles = {kind: measure_label(at_cutoff(kind, asked.k)) for kind in measure_kinds()}
    measure, baseline, every = st.columns([5, 3, 3], vertical_alignment="bottom", gap="medium")
    draw(measure.segmented_control, "measure",
        "Measure", list(titles), format_func=titles.__getitem__, required=True,
        help=f"{_relevance_measures('k')} count as relevant: **{plain(asked.relevant)}**.",
    )  # fmt: skip
    draw(baseline.selectbox, "baseline", "Compared with", ["random order", *asked.dataset.signals])
    if asked.fusion is not None:
        draw(
            every.toggle, "all", "All fusion methods", help="Each at the chosen, its best and a cross-validated weight."
        )
    return at_cutoff(value("measure"), asked.k)


def _answer(asked: Asked, compared: Compared) -> None:
    """The best single signal, and what fusing adds to it, honestly."""
    by_name = {method.name: method for method in compared.methods}
    singles = [by_name[name] for name in asked.dataset.signals]
    best = max(singles, key=lambda method: np.nan_to_num(method.report.means["ndcg"], nan=-1.0))
    honest = next((method for method in compared.methods if method.weights is not None), None)
    numbers = [
        (_short(asked, m), show.number(m.report.means["ndcg"]))
        for m in [compared.methods[0], *_first_of_each(asked, by_name)]
    ]
    if honest is None:
        show.numbers(*numbers)
        if asked.fusion is None:
            st.markdown(f"**{plain(best.name)}** ranks by one signal; there is nothing to fuse it with.")
        return
    change = honest.report.means["ndcg"] - best.report.means["ndcg"]
    remark = f"{change:+.4f} against {plain(best.name)}"
    title = "Fused, in-sample" if honest.in_sample else "Fused, cross-validated"
    show.numbers(*numbers, (title, show.number(honest.report.means["ndcg"]), remark))
    row, found = _against_best(asked, compared, singles, best, honest)
    low, high = honest.weights or (float("nan"),) * 2
    st.markdown(
        f"**{mixing_sentence(found)}** {plain(honest.name.partition(',')[0].capitalize())}, with image weights "
        f"of {show.span(low, high)} chosen on other queries, changes NDCG by **{row['difference']:+.4f}** against "
        f"{plain(best.name)} alone ({sureness(row['low'], row['high'], found, len(singles), 'signals')}): better on "
        f"{numbered(int(row['wins']), 'queries')}, equal on {row['ties']:,}, worse on {row['losses']:,}."
        f"{_IN_SAMPLE if honest.in_sample else ''}"
    )


def _against_best(
    asked: Asked, compared: Compared, singles: list[Method], best: Method, honest: Method
) -> tuple[pd.Series[Any], Verdict]:
    """The cross-validated fusion against the best signal, and the verdict: the best was chosen from all signals."""
    key_of = dict(zip(map(id, compared.methods), compared.keys, strict=True))

    def against(single: Method) -> pd.Series[Any]:
        pair = [single, honest]
        return resources.differences(asked.dataset, [key_of[id(each)] for each in pair], 0, "ndcg", pair).iloc[0]

    rows = [against(single) for single in singles]
    corrected = holm(np.array([row["p"] for row in rows], dtype=np.float64))
    place = singles.index(best)
    row = rows[place]
    found = Outcomes(int(row["wins"]), int(row["ties"]), int(row["losses"]), row.get("effective"))
    return row, verdict(found, float(row["difference"]), float(corrected[place]), len(singles), honest.in_sample)


def _first_of_each(asked: Asked, by_name: dict[str, Method]) -> list[Method]:
    signals = [asked.dataset.signal(modality) for modality in ("text", "image")]  # type: ignore[arg-type,unused-ignore]
    return [by_name[signal.name] for signal in signals if signal is not None]


def _short(asked: Asked, method: Method) -> str:
    if method.run is None:
        return "Random order"
    return f"{asked.dataset.signals[method.name].modality.capitalize()}: {plain(method.name)}"


def _dots(asked: Asked, methods: list[Method], means: pd.DataFrame, measure: str) -> None:
    from sqid_core.figures.dots import method_dots

    title = measure_label(measure)
    columns = ["method", measure, f"{measure} low", f"{measure} high", "image weight", "in-sample"]
    # A random order is so far off that the others would stand on one spot.
    drawn = [method for method in methods if method.run is not None]
    rows = means[[method.run is not None for method in methods]].reset_index(drop=True)
    values = np.stack([method.values(measure) for method in methods])
    show.figure(
        f"{title} of each method{show.with_intervals(asked.dataset)}",
        method_dots(rows, measure, [_role(asked, method) for method in drawn], show.look(), f"mean {title}"),
        show.basis(asked, values, measured(asked, measure), _resting(means[measure].iloc[0], methods, measure)),
        _with_ranked(means[columns], methods),
        "methods",
        show.columns_of({measure: title, f"{measure} low": "95 % from", f"{measure} high": "to"}) | _RANKED,
        _best(methods, [measure]),
    )


def _best(methods: list[Method], measures: Iterable[str]) -> Best:
    """What a file sets in bold: the highest, but for weights chosen on the very queries."""
    return Best(tuple(measures), tuple(not method.in_sample for method in methods))


def _resting(random: float, methods: list[Method], measure: str) -> str:
    repeated = next((method for method in methods if method.repeats), None)
    differ = ""
    if repeated is not None:
        spread = show.number(repeated.spread(measure))
        differ = f" ({len(repeated.repeats)} times, whose means differ by a standard deviation of {spread})"
    return (
        f"A random order scores {show.number(random)}. Intervals: Student’s t, wider where the bootstrap is. "
        "“Best weight” was chosen on these queries and is **in-sample**; “cross-validated” takes each query’s weight "
        f"from the other folds of five{differ}."
    )


def _role(asked: Asked, method: Method) -> str:
    if method.name in asked.dataset.signals:
        return asked.dataset.signals[method.name].modality
    return "fused"


def _relevance_measures(k: str) -> str:
    """Those that are about which labels are relevant: `MRR, P@k and Recall@k`."""
    kinds = [(metric, kind) for metric in METRICS.values() if not metric.reads_gains for kind in metric.kinds]
    labels = [f"{metric.label}@{k}" if kind.endswith("@") else metric.label for metric, kind in kinds]
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def _all_measures(asked: Asked, methods: list[Method], means: pd.DataFrame) -> None:
    names = {name: measure_label(name) for name in measures(asked.k)}
    weights = pd.Series([_weights(method) for method in methods], index=means.index, dtype="object")
    frame = means[["method", *names]].assign(weight=weights)
    frame = _with_ranked(frame, methods)
    show.table(
        "Every measure",
        frame,
        show.Basis(
            f"Relevant for {_relevance_measures(str(asked.k))}: **{plain(asked.relevant)}**. NDCG has no cut-off "
            f"unless it says so; gains **{plain(asked.gains)}**. Random order: the mean over all orders, exactly. "
            f"{_counted(methods, names)} {show.counting(asked.dataset, methods[-1].values('ndcg'))}".strip(),
            show.defined(methods[-1].values("ndcg")),
        ),
        "measures",
        show.columns_of(names)
        | {
            "method": st.column_config.TextColumn("Method", width="medium"),
            "weight": st.column_config.TextColumn("Image weight"),
        }
        | _RANKED,
        _best(methods, names),
    )


def _with_ranked(frame: pd.DataFrame, methods: list[Method]) -> pd.DataFrame:
    """The table with the share of the judged pairs that the runs behind each method rank, where that is not all."""
    shares = [method.ranked for method in methods]
    return frame.assign(ranked=shares) if min(shares) < 1 else frame


def _counted(methods: list[Method], names: dict[str, str]) -> str:
    """Over how many queries each measure is a mean: recall takes a relevant product, NDCG one with a gain."""
    titles: dict[int, list[str]] = {}
    for measure, title in names.items():
        found, _ = counted_by(methods[-1].values(measure), methods[-1].report.traffic)
        titles.setdefault(int((~np.isnan(found)).sum()), []).append(title)
    if len(titles) == 1:
        return f"Means over {numbered(next(iter(titles)), 'queries')}."
    return (
        "Means: "
        + "; ".join(f"{', '.join(those)} over {numbered(count, 'queries')}" for count, those in titles.items())
        + "."
    )


def _weights(method: Method) -> str | None:
    if method.weights is not None:
        return f"{show.span(*method.weights)}{', in-sample' if method.in_sample else ''}"
    if np.isnan(method.image_weight):
        return None
    return f"{method.image_weight:.3f}{', in-sample' if method.in_sample else ''}"
