"""Below the board: its first products, ordered anew by a cross-encoder or a learned ranker."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.bundle.learned_signal import LearnedSignal
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.reranked import model_folder
from sqid_core.bundle.seen_queries import seen_in
from sqid_core.errors import SqidError
from sqid_core.learning.final_model import has_seen
from sqid_core.ranking.candidates import Candidates, Ranking, fused_ranking, signal_ranking
from sqid_core.ranking.ranks import order
from sqid_core.types import Bools, Floats, Positions
from sqid_core.wording import counted, folded, listed
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.caches.rerankers import learned_model, reranked
from sqid_ui.parts.board import fusion_board, take_lists
from sqid_ui.parts.board.data import Board, BoardList, Cards, rank_of_order
from sqid_ui.parts.cards import currency_of, label_fields
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import place_of
from sqid_ui.search.state import SearchSettings
from sqid_ui.shell.bundles import for_visitors

_KEY = "reranked-board"


def show(dataset: Dataset, candidates: Candidates, settings: SearchSettings, only: Bools | None) -> None:
    """The products that the ranking shows first, before and after. only: (C,) the candidates that a filter leaves."""
    text = settings.text or ("" if settings.by_picture else query_names(dataset).get(settings.query_id, ""))
    st.subheader(f"Re-ranked by {plain(settings.reranker)}", anchor=False)
    if not text:
        st.caption("Re-ranking reads words: type some beside the picture.")
        return
    first = first_shown(candidates, settings, only)
    try:
        scores, how = _scores(dataset, candidates, settings, text, first)
    except SqidError as error:
        why = for_visitors(error)
        st.info(f"Nothing was re-ranked. {plain(why[:1].upper() + why[1:])}.", icon=":material/power_off:")
        return
    if how:
        st.caption(how)
    board = _board(dataset, candidates, settings, first, scores)
    fusion_board(board, _KEY)
    take_lists(board, f"{text}, re-ranked by {settings.reranker}", _KEY, "reranked", settings.query_id or text)


def _scores(
    dataset: Dataset, candidates: Candidates, settings: SearchSettings, text: str, first: Positions
) -> tuple[Floats, str]:
    """(k,) of the products at these positions, and which model's they are, where it learned from labels of queries. A
    judged slate has scores by a model that did not see it. Raises SqidError."""
    signal, rows = dataset.signals[settings.reranker], candidates.rows[first]
    if isinstance(signal, LearnedSignal) and settings.query_id and not settings.searches_catalogue:
        # A slate's candidates are its judged products, in their order.
        found = signal.query_scores(dataset.judgements, dataset.judgements.row_of(settings.query_id))[first]
        if np.isfinite(found).all():
            return found, "Out-of-fold: by a model that was fitted without this query."
    scores = reranked(dataset, settings.reranker, text, tuple(rows.tolist()))
    if isinstance(signal, LearnedSignal):
        return scores, _how(dataset, signal, text)
    # A cross-encoder that was fine-tuned lists its queries.
    known = seen_in(model_folder(dataset.folder, signal.name))
    return scores, _seen(folded(text) in known) if known else ""


def _seen(seen: bool) -> str:
    return (
        "**In-sample**: the model learned from this query’s labels." if seen else "The model has not seen this query."
    )


def _how(dataset: Dataset, signal: LearnedSignal, text: str) -> str:
    how, silent = _seen(has_seen(dataset, text)), learned_model(dataset, signal.name).silent
    return how + (f" Without {plain(listed(silent))}, which cannot read new queries." if silent else "")


def first_shown(candidates: Candidates, settings: SearchSettings, only: Bools | None) -> Positions:
    """(k,) the positions of the candidates that the list shows: the fused one's where there is one."""
    everything = _ranking(candidates, settings).positions
    left = everything if only is None else everything[only[everything]]
    return left[: settings.shown]


def _ranking(candidates: Candidates, settings: SearchSettings) -> Ranking:
    if candidates.columns is not None:
        return fused_ranking(candidates, settings.fusion, len(candidates.rows))
    return signal_ranking(candidates, "image" if candidates.text is None else "text", len(candidates.rows))


def _board(
    dataset: Dataset, candidates: Candidates, settings: SearchSettings, first: Positions, scores: Floats
) -> Board:
    """first: (k,) positions of the candidates, best first; scores: (k,) of the model."""
    # The board's candidates are in row order.
    by_row = np.argsort(candidates.rows[first])
    held, anew = first[by_row], order(scores[by_row])
    before = np.argsort(by_row)
    moved = int((before != anew).sum())
    moves = counted(moved, "place has another product", "places have other products") if moved else "in the same order"
    lists = [
        BoardList("shown", "As ranked", f"the first {len(first):,}", rank_of_order(before)),
        BoardList("reranked", "Re-ranked", f"the same products, {moves}", rank_of_order(anew), marks=("shown",)),
    ]
    raw = {"text": candidates.text, "image": candidates.image}
    return Board(
        Cards(
            dataset.products.iloc[candidates.rows[held]],
            {name: found[held] for name, found in raw.items() if found is not None},
            candidates.labels[held] if settings.query_id else None,
            fields=label_fields(dataset.manifest.about),
        ),
        lists,
        settings.shown,
        len(held),
        dataset.scale,
        place_of(dataset),
        currency=currency_of(dataset.manifest.about),
    )
