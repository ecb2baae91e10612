"""The exact weight curve of the whole test set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sqid_core.evaluation import published
from sqid_core.evaluation.cross_validation import repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.curves import WeightCurve, WeightCurves
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

if TYPE_CHECKING:
    from sqid_core.figures.weights import Point


def show_view(asked: Asked) -> None:
    """The best weight in a sentence, then the curve."""
    if asked.fusion is None:
        return
    here = resources.chosen_method(asked.dataset, asked.fusion, asked.gains, asked.k).report.means["ndcg"]
    running = resources.curves(asked.dataset, asked.fusion, asked.gains)
    if not running.done():
        jobs.show_when_ready([running], "Working out the exact curve")
        return
    curves = running.result()
    mean = curves.mean()
    if not mean.n:
        st.info("No query has a product with a gain, so there is no NDCG to draw.")
        return
    _answer(asked, curves, mean, here)
    _curve(asked, curves, mean, here)


def _answer(asked: Asked, curves: WeightCurves, mean: WeightCurve, here: float) -> None:
    best = mean.best
    honest = repeatedly_cross_validated(curves, repeated_folds(asked.dataset))
    chosen = f"Weight {asked.fusion.image_weight:.2f}, chosen" if asked.fusion else "Chosen"
    show.numbers(
        ("Weight 0: text", show.number(mean.at_zero)),
        ("Weight 1: image", show.number(mean.at_one)),
        (chosen, show.number(here)),
        ("Best weight, in-sample", show.number(best.value)),
        ("Cross-validated", show.number(honest.mean)),
    )
    how = "Exact" if mean.exact else f"Sampled at {len(mean.values)} weights, as this method is not linear"
    st.markdown(
        f"**The best image weight is {best.weight:.3f}**, where NDCG is {best.value:.4f} (best interval "
        f"{best.low:.6f} to {best.high:.6f}). It was found on the queries it is scored on; weights chosen on other "
        f"queries, {show.span(*honest.span, 3)}, reach {honest.mean:.4f}. {how}."
    )


def _curve(asked: Asked, curves: WeightCurves, mean: WeightCurve, here: float) -> None:
    from sqid_core.figures.weights import curve_frame, weight_curve_figure

    if asked.fusion is None:
        return
    grid = resources.grid(asked.dataset, asked.fusion, asked.gains, curves)
    band = resources.band(asked.dataset, asked.fusion, asked.gains, grid)
    frame = curve_frame(mean, *band)
    points = _published(asked)
    note = "Shaded column: the best interval, **in-sample**. Band: 95 % bootstrap interval of the mean at each weight."
    note += f" Table and CSV: at {len(frame)} weights."
    if points:
        note += " Diamonds: figures that others published for the whole of SQID."
    show.figure(
        "Mean NDCG at every image weight",
        weight_curve_figure(mean, frame, (asked.fusion.image_weight, here), show.look(), points),
        show.basis(asked.gains, curves.at_zero, more=note),
        frame,
        "weight-curve",
        show.columns_of({"image_weight": "Image weight", "ndcg": "NDCG", "low": "95 % from", "high": "to"}),
    )


def _published(asked: Asked) -> list[Point]:
    """The published figures for this very fusion, where the bundle is the whole of SQID."""
    from sqid_core.figures.weights import Point

    fusion, dataset = asked.fusion, asked.dataset
    if fusion is None or asked.gains != published.GAINS or not published.is_full_sqid(dataset.manifest):
        return []
    # Published figures are of methods without a setting, under the names that `evaluate` has for them.
    method = fusion.rule.listed_as if fusion.is_plain else ""
    text, image = dataset.signal("text"), dataset.signal("image")
    if text is None or image is None:
        return []
    fused = (text.name, image.name)
    found = []
    for line in published.comparable(dataset.manifest, fused):
        same = line.signals == fused and line.method.rpartition(" ")[0] == method
        alone = len(line.signals) == 1 and line.signals[0] in fused
        for source, ndcg in line.by_source().items():
            if same and line.image_weight is not None:
                found.append(Point(line.image_weight, ndcg, f"{plain(line.title)}, {source}"))
            elif alone:
                found.append(Point(float(line.signals[0] == fused[1]), ndcg, f"{plain(line.title)}, {source}"))
    return found
