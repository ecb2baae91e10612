"""The Search page's numbers: NDCG of each ranking, the curve, and the board's lists."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from sqid_core.bundle import Dataset
from sqid_core.weight_curve import WeightCurve
from ui.cards import RankedList, board_data
from ui.fusion_board import fusion_board
from ui.markup import plain
from ui.rankings import CatalogueNdcg, Prepared
from ui.state import SearchSettings
from ui.weight_curve import weight_curve

NAMES = {"text": "Text", "fused": "Fused", "image": "Image"}
_LACKED = {"text": "text", "image": "a picture"}
ICONS = {"text": ":material/notes:", "fused": ":material/join_inner:", "image": ":material/image:"}


def ndcg_numbers(quality: Mapping[str, float], settings: SearchSettings) -> None:
    """NDCG of the rankings, and how far fusing moves it from each single one."""
    fused = quality.get("fused")
    with st.container(key="numbers", horizontal=True, gap="small", wrap=False):
        for name, value in quality.items():
            if name == "fused":
                _number(name, number(value), f"weight {settings.weight:.2f}")
            else:
                st.metric(_label(name), number(value), None if fused is None else _change(fused - value))
    arrows = "" if fused is None else " Arrows: what fusing changes."
    st.caption(f"NDCG over all judged products of this query.{arrows} Gains: **{plain(settings.gains)}**.")
    if all(np.isnan(value) for value in quality.values()):
        st.caption("No judged product of this query has a gain, so NDCG is not defined.")


def catalogue_numbers(quality: Mapping[str, CatalogueNdcg], settings: SearchSettings) -> None:
    """NDCG@k of the rankings of the catalogue, most of which nobody judged: two answers each."""
    with st.container(key="numbers", horizontal=True, gap="small", wrap=False):
        for name, found in quality.items():
            _number(name, f"{found.unjudged_worthless:.2f} / {found.unjudged_best:.2f}", f"{found.judged:.0%} judged")
    st.caption(
        f"NDCG@{settings.shown} if no unjudged product is any good / if all of them are the best there is. "
        f"Gains: **{plain(settings.gains)}**."
    )


def _number(name: str, value: str, remark: str) -> None:
    st.metric(_label(name), value, remark, delta_color="off", delta_arrow="off")


def _label(name: str) -> str:
    return f"{ICONS[name]} {NAMES[name]}"


def curve_panel(curve: WeightCurve, settings: SearchSettings) -> None:
    """NDCG at every weight, its best interval and the current weight."""
    if not curve.n:
        st.caption("There is no NDCG to draw for this query.")
        return
    sentence = _curve_sentence(curve)
    weight_curve(curve, settings.weight, sentence, key="weight-curve")
    st.caption(sentence)


def board(dataset: Dataset, prepared: Prepared, settings: SearchSettings, values: Mapping[str, str]) -> None:
    """The rankings side by side. values: what stands beside each list's name."""
    candidates, k = prepared.candidates, settings.shown
    lists = [
        RankedList(name, NAMES[name], values.get(name, ""), _note(name, settings, prepared), positions)
        for name, positions in prepared.orders(settings.fusion).items()
    ]
    labels = None if settings.text else candidates.labels
    data = board_data(
        dataset.products, candidates.rows, prepared.scores, labels, lists, k, dataset.scale, dataset.fingerprint
    )
    fusion_board(data, key="board")


def _note(name: str, settings: SearchSettings, prepared: Prepared) -> str:
    """What a list is made of, and, where it has an NDCG, whose gains that is."""
    gains = "" if settings.searches_catalogue else f" · {settings.gains} gains"
    if name == "fused":
        return f"{1 - settings.weight:.2f} text + {settings.weight:.2f} image{gains}"
    missing = int(np.isnan(prepared.scores[name]).sum())
    return f"{name} alone" + (f", {missing:,} without {_LACKED[name]} come last" if missing else "") + gains


def _curve_sentence(curve: WeightCurve) -> str:
    best = curve.best
    how = "Exact" if curve.exact else f"Sampled at {len(curve.values)} weights, because this method is not linear"
    return (
        f"{how}. Best on this query, and so in-sample: NDCG {best.value:.4f} at image weights "
        f"{best.low:.2f} to {best.high:.2f} (shaded)."
    )


def number(value: float) -> str:
    """NDCG as it is shown; a dash where it is not defined."""
    return "–" if np.isnan(value) else f"{value:.4f}"


def _change(value: float) -> str | None:
    return None if np.isnan(value) else f"{value:+.4f}"
