"""The Search page's board: from what was ranked to what the browser is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sqid_core.analysis.query_sets import QuerySet
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.plateau import NEAR, plateau
from sqid_core.ranking.candidates import Candidates, Prepared
from sqid_core.ranking.shortlist import shortlist
from sqid_core.types import MODALITIES
from sqid_core.wording import counted, numbered
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.caches.rankings import everyones_curve, slate_curve
from sqid_ui.parts import taking
from sqid_ui.parts.board import fusion_board, take_lists
from sqid_ui.parts.board.data import (
    Board,
    BoardList,
    Cards,
    Judging,
    Jump,
    Mixing,
    curve_data,
    nearest_stop,
)
from sqid_ui.parts.cards import currency_of, label_fields
from sqid_ui.parts.picture_addresses import place_of
from sqid_ui.parts.ranking_names import NAMES
from sqid_ui.search import pulling
from sqid_ui.search.state import SearchSettings
from sqid_ui.settings.session import give

_LACKED = {"text": "text", "image": "a picture"}
# What a card offers, and what it offers where a weight mixes two rankings.
ACTIONS, MIXING_ACTIONS = ("open", "similar"), ("pull", pulling.LOSING, pulling.WINNING)
_ADDS = ("fused", "Fusing adds")


@dataclass(frozen=True, eq=False)
class Shown:
    """What of a query's candidates the board gets. ranks: (M,) by modality, in the whole of what was ranked. certified:
    see `Shortlist`, None for a slate, which the board holds whole."""

    candidates: Candidates
    ranks: dict[str, npt.NDArray[np.int64]]
    certified: npt.NDArray[np.int64] | None


def board(
    dataset: Dataset,
    prepared: Prepared,
    settings: SearchSettings,
    on_action: Callable[[str, str], None] | None = None,
    only: npt.NDArray[np.bool_] | None = None,
    walked: QuerySet | None = None,
    labelling: Mapping[str, Any] | None = None,
) -> None:
    """The rankings side by side, with the weight between them. walked: the set of queries, None for none. labelling:
    see `Board`.

    only: (C,) the candidates that a filter leaves, None for all. Of a catalogue the others are left out of the lists;
    of a slate only their cards are, so that its NDCG stays that of all judged products.
    """
    shown = _shown(prepared, settings, only)
    candidates = shown.candidates
    fused = candidates.columns is not None
    curve, everyone = _curves(dataset, settings) if fused and not settings.searches_catalogue else (None, None)
    scores = {name: scores for name in shown.ranks if (scores := getattr(candidates, name)) is not None}
    hidden = None if only is None or settings.searches_catalogue else ~only
    drawn = Board(
        Cards(
            dataset.products.iloc[candidates.rows],
            scores,
            candidates.labels if settings.query_id else None,
            hidden,
            label_fields(dataset.manifest.about),
        ),
        _lists(dataset, shown, prepared, settings, fused, only),
        settings.shown,
        len(prepared.candidates.rows) if only is None else int(only.sum()),
        dataset.scale,
        place_of(dataset),
        Mixing(candidates.columns, settings.fusion, shown.certified),
        _judging(dataset, prepared, settings, fused, only),
        _curve(curve, everyone) if settings.query_id and fused else None,
        _jumps(dataset, curve, everyone),
        ACTIONS + (MIXING_ACTIONS if fused else ()) if on_action else (),
        currency_of(dataset.manifest.about),
        pulling.pulled(dataset, candidates, settings, shown.certified, walked) if settings.pull else None,
        pulling.position(dataset, candidates, settings.mark) if settings.mark else None,
        exact=curve if settings.query_id and curve is not None and curve.n else None,
        labelling=labelling,
    )
    known = settings.searches_catalogue and dataset.known_labels is not None
    rankings = {"": (settings.fusion.rule.label, settings.fusion)} if fused else {}
    taking.about(dataset, settings.gains if settings.query_id else "", rankings, whole_catalogue=known)
    fusion_board(drawn, "board", lambda weight: give("w", weight), on_action)
    asked = settings.text or query_names(dataset).get(settings.query_id, "By a picture")
    take_lists(drawn, asked, "board", query_id=settings.query_id)


def _shown(prepared: Prepared, settings: SearchSettings, only: npt.NDArray[np.bool_] | None) -> Shown:
    if not settings.searches_catalogue:
        return Shown(prepared.candidates, prepared.ranks(np.arange(len(prepared.candidates.rows))), None)
    found = shortlist(prepared.candidates, settings.fusion, settings.shown, only=only)
    # The judged ones too, wherever they stand: the condensed list is made of them, where others have no label.
    judged = () if _all_labelled(prepared.candidates) else np.flatnonzero(_judged(prepared.candidates, only))
    held = np.union1d(found.positions, judged).astype(np.int64)
    return Shown(_taken(prepared.candidates, held), prepared.ranks(held, only), found.certified)


def _judged(candidates: Candidates, only: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    """(C,) which candidates were judged, of those that a filter leaves."""
    judged = candidates.labels >= 0
    return judged if only is None else judged & only


def _all_labelled(candidates: Candidates) -> bool:
    return bool((candidates.labels >= 0).all())


def _taken(candidates: Candidates, positions: npt.NDArray[np.int64]) -> Candidates:
    """Some of the candidates, in row order."""

    def some(values: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64] | None:
        return None if values is None else values[positions]

    whole = candidates.columns
    return replace(
        candidates,
        rows=candidates.rows[positions],
        text=some(candidates.text),
        image=some(candidates.image),
        columns=None if whole is None else whole.take(positions),
        labels=candidates.labels[positions],
    )


def _lists(
    dataset: Dataset,
    shown: Shown,
    prepared: Prepared,
    settings: SearchSettings,
    fused: bool,
    only: npt.NDArray[np.bool_] | None,
) -> list[BoardList]:
    of_slate = map(dataset.signal, MODALITIES)
    runs = {each.modality for each in of_slate if each is not None and each.is_run and not settings.searches_catalogue}
    usual = settings.searches_catalogue or settings.gains == dataset.scale.gain_names[0]
    gains = "" if usual else f"{settings.gains} gains"

    def single(name: str) -> BoardList:
        scores = prepared.scores[name]
        missing = int(np.isnan(scores if only is None else scores[only]).sum())
        lacking = "that the run does not rank" if name in runs else f"without {_LACKED[name]}"
        parts = (f"{missing:,} {lacking} come last" if missing else "", gains)
        note = " · ".join([f"{name} alone", *filter(None, parts)])
        return BoardList(name, NAMES[name], note, shown.ranks[name], ("fused",) if fused else ())

    lists = [single(name) for name in shown.ranks]
    if fused:
        lists.insert(1, BoardList("fused", NAMES["fused"], gains, None, ("text", "image")))
    return lists


def _judging(
    dataset: Dataset,
    prepared: Prepared,
    settings: SearchSettings,
    fused: bool,
    only: npt.NDArray[np.bool_] | None,
) -> Judging | None:
    """How the browser measures the lists; None for a query that nobody judged. Of a catalogue all is over what a filter
    leaves, the ideal too."""
    if not settings.query_id:
        return None
    labels = prepared.candidates.labels
    judged = _judged(prepared.candidates, only if settings.searches_catalogue else None)
    gains = dataset.scale.gains(settings.gains)[labels[judged]]
    table = f"Gains: {settings.gains}."
    if settings.searches_catalogue:
        known = _all_labelled(prepared.candidates)
        note = f"{_catalogue_note(gains, settings, only, known)} {table}"
        if not known:
            return Judging(gains, settings.gains, False, None, note)
        ideal = -np.sort(-gains)[: settings.shown]
        return Judging(ideal, settings.gains, False, _ADDS if fused else None, note, known=True)
    note = f"Over all {numbered(len(gains), 'judged products')} of this query. {table}"
    if not gains.any():
        note = f"No judged product of this query has a gain, so NDCG is not defined. {table}"
    return Judging(gains, settings.gains, True, _ADDS if fused else None, note)


def _catalogue_note(
    gains: npt.NDArray[np.float64], settings: SearchSettings, only: npt.NDArray[np.bool_] | None, known: bool
) -> str:
    """What is counted, and against which ideal, where most products were never judged, or (known) all have a label."""
    of = ("product", "products") if known else ("judged product", "judged products")
    over = f"the {counted(len(gains), *of)}"
    over += "" if only is None else " that the filters leave"
    if not gains.any():
        return f"NDCG is not defined: of {over} none has a gain."
    if known:
        return f"Of the first {settings.shown}; the ideal is of {over}, all of which have a label."
    return (
        f"Of the first {settings.shown}; the ideal is of {over}. 0 / best: unjudged products worth nothing / as the "
        "best there is, two readings and no bounds. Judged: the ranking without them."
    )


def _curves(dataset: Dataset, settings: SearchSettings) -> tuple[WeightCurve, WeightCurve]:
    """NDCG by weight of this query and of the whole test set."""
    return (
        slate_curve(dataset, settings.query_id, settings.fusion, settings.gains),
        everyones_curve(dataset, settings.fusion, settings.gains),
    )


def _jumps(dataset: Dataset, curve: WeightCurve | None, everyone: WeightCurve | None) -> list[Jump]:
    found = []
    if curve is not None and curve.n:
        hint = "In-sample: chosen on the very labels it is measured on."
        found.append(Jump("Best weight here", nearest_stop(curve), hint, "best"))
    if everyone is not None and everyone.n:
        by = "" if dataset.weights is None else " per unit of traffic" if dataset.by_traffic else " per query"
        hint = (
            f"The best weight of all {numbered(everyone.n, 'judged queries')} together, in-sample: NDCG "
            f"{everyone.best.value:.4f}{by}."
        )
        found.append(Jump("Best weight for all queries", nearest_stop(everyone), hint, "everyone"))
    return found


def _curve(curve: WeightCurve | None, everyone: WeightCurve | None) -> dict[str, Any] | None:
    """The curve, the sentence that stands for it where most products have no label, or nothing."""
    if curve is None:
        return {"sentence": "NDCG by weight is drawn for judged products only: here most products have no label."}
    return curve_data(curve, everyone, _curve_sentence(curve)) if curve.n else None


def _curve_sentence(curve: WeightCurve) -> str:
    best = curve.best
    how = "Exact" if curve.exact else f"Sampled at {len(curve.values)} weights, as this method is not linear"
    low, high = plateau(curve)
    return (
        f"NDCG by image weight. {how}. Shaded: within {NEAR} of this query’s best, from {low:.2f} to "
        f"{high:.2f}; best {best.value:.4f} at {best.low:.4f} to {best.high:.4f} (in-sample). Grey: the best for all "
        "judged queries."
    )
