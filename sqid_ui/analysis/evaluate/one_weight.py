"""The exact weight curve of the whole test set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sqid_core.bundle.learned_signal import reads_labels
from sqid_core.evaluation import published
from sqid_core.evaluation.cross_validation import CrossValidated
from sqid_core.evaluation.curves import WeightCurve, WeightCurves
from sqid_core.evaluation.plateau import NEAR, plateau
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

# Rankings that differ in nothing, added in another order.
_SAME = 1e-9

if TYPE_CHECKING:
    from sqid_core.figures.weights import Point


def show_view(asked: Asked) -> None:
    """The best weight in a sentence, then the curve."""
    if asked.fusion is None:
        return
    here = resources.chosen_method(asked.dataset, asked.fusion, asked.gains, asked.k).report.means["ndcg"]
    running = resources.curves(asked.dataset, asked.fusion, asked.gains)
    choosing = resources.cross_validation(asked.dataset, asked.fusion, asked.gains)
    if not (running.done() and choosing.done()):
        jobs.show_when_ready([running, choosing], "Working out the exact curve")
        return
    curves = running.result()
    mean = curves.mean()
    if not mean.n:
        st.info("No query has a product with a gain, so there is no NDCG to draw.")
        return
    alone = _alone(asked)
    _answer(asked, choosing.result(), mean, here, alone)
    _curve(asked, curves, mean, here, alone)


def _learned(asked: Asked) -> bool:
    return reads_labels(*asked.dataset.both_signals)


def _alone(asked: Asked) -> tuple[float, float]:
    """NDCG of the text and of the image ranking by itself: what Methods says of the two signals."""
    found = {method.name: method for method in resources.single_methods(asked.dataset, asked.gains, asked.k)}
    text, image = (found[signal.name].report.means["ndcg"] for signal in asked.dataset.both_signals)
    return text, image


def _ends(asked: Asked, mean: WeightCurve, alone: tuple[float, float]) -> str:
    """What the fusion scores at 0 and 1 where that is not the ranking alone, and why."""
    ends = zip(("text", "image"), (0, 1), (mean.at_zero, mean.at_one), alone, strict=True)
    apart = [
        f"At weight {weight} the fusion scores {end:.4f} and the {name} ranking alone {by_itself:.4f}"
        for name, weight, end, by_itself in ends
        if abs(end - by_itself) > _SAME
    ]
    if not apart or asked.fusion is None:
        return ""
    rule, missing = asked.fusion.rule, MISSING_IMAGE[asked.fusion.missing_image]
    policy = f"what stands for it ({missing.label.lower()})" if rule.reads_missing else rule.without_picture
    why = f"a product that lacks one gets {policy} in the fusion, and comes last in the ranking alone"
    return f"{'; '.join(apart)}: {why}."


def _answer(asked: Asked, honest: CrossValidated, mean: WeightCurve, here: float, alone: tuple[float, float]) -> None:
    best = mean.best
    chosen = f"Weight {asked.fusion.image_weight:.2f}, chosen" if asked.fusion else "Chosen"
    show.numbers(
        ("Text alone", show.number(alone[0])),
        ("Image alone", show.number(alone[1])),
        (chosen, show.number(here)),
        ("Best weight, in-sample", show.number(best.value)),
        ("By other folds, in-sample" if _learned(asked) else "Cross-validated", show.number(honest.mean)),
    )
    how = "Exact" if mean.exact else f"Sampled at {len(mean.values)} weights, as this method is not linear"
    st.markdown(
        f"**Image weights from {show.span(*plateau(mean), 2)} are within {NEAR} of the best**, {best.value:.4f} at "
        f"{best.weight:.3f}. It was found on the queries it is scored on; weights chosen on other queries, "
        f"{show.span(*honest.span, 3)}, reach {honest.mean:.4f}{', in-sample too' if _learned(asked) else ''}.",
        help=f"The best interval goes from {best.low:.6f} to {best.high:.6f}. {how}.",
    )
    if ends := _ends(asked, mean, alone):
        st.caption(ends)


def _curve(asked: Asked, curves: WeightCurves, mean: WeightCurve, here: float, alone: tuple[float, float]) -> None:
    from sqid_core.figures.weights import curve_frame, weight_curve_figure

    if asked.fusion is None:
        return
    band = resources.band(asked.dataset, asked.fusion, asked.gains, curves)
    frame = curve_frame(mean, *band)
    points = _published(asked)
    note = f"Shaded column: within {NEAR} of the best, **in-sample**. Band: 95 % interval of the mean at each weight."
    note += (
        f" Table and CSV: at {len(frame)} weights; the rows of 0 and 1 are of these very weights, where stand-ins and "
    )
    note += "ties decide, and not of the open intervals beside them. Dashes at the ends: each ranking alone."
    if points:
        note += " Diamonds: figures that others published for the whole of SQID."
    show.figure(
        "Mean NDCG at every image weight",
        weight_curve_figure(mean, frame, (asked.fusion.image_weight, here), show.look(), points, alone),
        show.basis(asked, curves.at_zero, more=note),
        frame,
        "weight-curve",
        show.columns_of({"image_weight": "Image weight", "ndcg": "NDCG", "low": "95 % from", "high": "to"}),
    )


def _published(asked: Asked) -> list[Point]:
    """The published figures for this very fusion, where the bundle is the whole of SQID."""
    from sqid_core.figures.weights import Point

    fusion, dataset = asked.fusion, asked.dataset
    whole = published.is_full_sqid(dataset.manifest) and not dataset.by_traffic
    if fusion is None or asked.gains != published.GAINS or not whole:
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
