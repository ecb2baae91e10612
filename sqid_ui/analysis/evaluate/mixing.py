"""Several signals and how much of each: the best weights, a triangle where they are three, and the way to the lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.mixed_methods import MixedMethods, mix_of
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import weight_label
from sqid_core.evaluation.signal_weights import STEPS
from sqid_core.ranking.norms import NORMS
from sqid_core.types import MODALITIES, Floats
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs, mixing
from sqid_ui.parts import show
from sqid_ui.parts.clicks import point_clicks
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import Setting, some

NORM = "z-score"
_OF_A_TRIANGLE = 3


def settings(dataset: Dataset) -> tuple[Setting, ...]:
    """Which signals are mixed, none for the first three; and a point of the triangle that was picked."""
    return (
        some("mixed", tuple(dataset.signals), most=20, of_bundle=True),
        Setting("point", (), _read_point, _write_point, of_bundle=True),
    )


def _read_point(text: str) -> tuple[float, ...]:
    found = tuple(round(float(part), 2) + 0.0 for part in text.split("~"))
    if len(found) != _OF_A_TRIANGLE or not (min(found) >= 0 and abs(sum(found) - 1) <= 1e-6):
        raise ValueError(f"{text[:40]!r} is no point of a triangle")
    return found


def _write_point(point: Sequence[float]) -> str:
    return "~".join(f"{weight:.2f}" for weight in point)


def show_view(asked: Asked) -> None:
    """The best weights in a sentence, then the triangle, then each signal's weight."""
    names = _chosen(asked.dataset)
    if len(names) < 2:
        st.info("Choose two signals at least.", icon=":material/tune:")
        return
    running = mixing.mixed(asked.dataset, names, asked.gains, asked.k, NORM)
    points = mixing.triangle(asked.dataset, names, asked.gains, NORM) if len(names) == _OF_A_TRIANGLE else None
    waiting = [each for each in (running, points) if each is not None]
    if not all(each.done() for each in waiting):
        jobs.show_when_ready(waiting, "Looking for the best weights")
        return
    found = running.result()
    if not found.best.report.n_scored:
        st.info("No query has a product with a gain, so there is no NDCG to choose weights by.")
        return
    _answer(asked, found)
    if points is not None:
        _triangle(asked, found, *points.result())
    _weights(asked, found)


def _chosen(dataset: Dataset) -> tuple[str, ...]:
    """The signals that are mixed: as chosen, in the bundle's order; the first three until somebody chooses."""
    if not value("mixed"):
        give("mixed", tuple(dataset.signals)[:_OF_A_TRIANGLE])
    draw(st.multiselect, "mixed", "Signals", list(dataset.signals), help=NORMS[NORM].formula)
    return chosen(dataset)


def chosen(dataset: Dataset) -> tuple[str, ...]:
    """The signals that are mixed, before anybody chooses the first three."""
    wanted = value("mixed") or tuple(dataset.signals)[:_OF_A_TRIANGLE]
    return tuple(name for name in dataset.signals if name in wanted)


def _answer(asked: Asked, found: MixedMethods) -> None:
    best, honest = (each.report.means["ndcg"] for each in (found.best, found.honest))
    line = found.found.best_line
    show.numbers(
        ("Best of two signals, in-sample", show.number(line)),
        ("Best weights, in-sample", show.number(best), f"{best - line:+.4f} by the others"),
        ("By other folds, in-sample" if found.honest.in_sample else "Cross-validated", show.number(honest)),
    )
    learned = " One of them learned from these labels, so this is in-sample too." if found.honest.in_sample else ""
    st.markdown(
        f"**Best weights: {_told(found, found.weights)}.** They were found on the queries they are scored on; weights "
        f"chosen on other queries reach {honest:.4f}.{learned} Each signal is put on one scale (z-scores) and gets 0, "
        "the average, where a product lacks it."
    )
    _to_search(asked, found.names, found.weights, "Open Search at the best weights")


def _told(found: MixedMethods, weights: Floats) -> str:
    parts = zip(found.names, weights, strict=True)
    return ", ".join(f"{plain(name)} {weight_label(round(float(weight), 2))}" for name, weight in parts)


def _triangle(asked: Asked, found: MixedMethods, weights: Floats, means: Floats) -> None:
    from sqid_core.figures.triangle import triangle_figure, triangle_frame

    frame = triangle_frame(found.names, weights, means)
    point = np.array(value("point")) if value("point") else None
    basis = show.basis(
        asked,
        found.honest.values("ndcg"),
        more=f"{len(frame)} mixes, every {1 / STEPS:g} of weight, **in-sample**. Circles: the weights that each fold "
        "got from the others. Click a point to take its weights.",
    )
    drawn = triangle_figure(frame, found.weights, point, found.by_fold, show.look())
    columns = show.columns_of({"ndcg": "NDCG", **{name: plain(name) for name in found.names}})
    show.figure("Mean NDCG of every mix", drawn, basis, frame, "triangle", columns)
    point_clicks("figure-triangle", "triangle clicks", lambda trace, place: _pick(weights, trace, place))
    if point is not None:
        _picked(asked, found, point)


def _pick(weights: Floats, trace: int, place: int) -> None:
    if trace == 0 and 0 <= place < len(weights):
        give("point", tuple(round(float(weight), 2) for weight in weights[place]))


def _picked(asked: Asked, found: MixedMethods, point: Floats) -> None:
    """What a point scores, and the best there is along the line from it to each signal."""
    running = mixing.from_point(asked.dataset, found.names, tuple(point), asked.gains, NORM)
    if not running.done():
        jobs.show_when_ready([running], "Following the lines through this point")
        return
    here, lines = running.result()
    st.markdown(
        f"**Picked: {_told(found, point)}.** NDCG {here:.4f}, {here - found.found.value:+.4f} against the best weights."
    )
    st.caption(
        "Exactly the best on the line from here to and from each signal, in-sample: "
        + "; ".join(
            f"{plain(name)} at {show.span(low, high, 3)}, {best:.4f}"
            for name, (low, high, best) in zip(found.names, lines, strict=True)
        )
        + "."
    )
    _to_search(asked, found.names, point, "Open Search at this point")


def _weights(asked: Asked, found: MixedMethods) -> None:
    frame = pd.DataFrame(found.spans(), columns=["signal", "low", "high"])
    frame.insert(1, "best", found.weights)
    show.table(
        "Weights",
        frame,
        show.basis(asked, found.honest.values("ndcg"), more="Folds: what each of five got from the others."),
        "mix-weights",
        {"signal": st.column_config.TextColumn("Signal", width="medium")}
        | show.columns_of({"best": "Best, in-sample", "low": "Folds from", "high": "to"}),
    )  # fmt: skip


def _to_search(asked: Asked, names: Sequence[str], weights: Floats, label: str) -> None:
    """The lists at some weights: a mix at each end, and between the ends the weight of all image signals."""
    link = _search_link(asked.dataset, names, weights)
    if link is None:
        st.caption("Search mixes a text with an image ranking; here one of the two has no weight.")
        return
    with st.container(width="content", key=f"mix to search {label}"):
        st.page_link("pages/search.py", label=label, icon=":material/search:", query_params=session.link_of(()) | link)


def _search_link(dataset: Dataset, names: Sequence[str], weights: Floats) -> dict[str, str] | None:
    ends: dict[str, Any] = {}
    for modality in MODALITIES:
        of = [i for i, name in enumerate(names) if dataset.signals[name].modality == modality]
        ends[modality] = mix_of([names[i] for i in of], weights[of], NORM) if of else None
        if ends[modality] is None:
            return None
    image = sum(w for name, w in zip(names, weights, strict=True) if dataset.signals[name].modality == "image")
    alone = {modality: mix.parts[0][0] if len(mix.parts) == 1 else str(mix) for modality, mix in ends.items()}
    return {**alone, "w": f"{image:.2f}", "norm": NORM}
