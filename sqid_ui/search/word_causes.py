"""In a product's details: what each word of the query does for it, measured by leaving the word out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.word_effects import WordEffect, left_out
from sqid_core.bundle.load import Dataset
from sqid_core.errors import EncoderError, SqidError
from sqid_core.ranking.candidates import Candidates
from sqid_core.types import MODALITIES
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.caches.keys import Keyed
from sqid_ui.caches.words_left_out import effects_of_words
from sqid_ui.parts.markup import plain
from sqid_ui.parts.show import NOTHING
from sqid_ui.parts.show import table as shown_table
from sqid_ui.search.state import SearchSettings
from sqid_ui.shell.bundles import for_visitors

_ASKED = "words left out of"
_MOST_SENTENCES = 3
_BY = {"text": "by text", "image": "by picture"}
_ABOUT = (
    "The query is asked again without the word, and every product ranked anew by each signal alone. What words do "
    "does not add up, and says nothing of why."
)


def show(dataset: Dataset, row: int, candidates: Candidates, settings: SearchSettings) -> None:
    """A button, and once it was pressed the measurement. row: of the product in the catalogue."""
    text = settings.text or query_names(dataset).get(settings.query_id, "")
    place = np.flatnonzero(candidates.rows == row)
    if settings.by_picture or not text or not len(place):
        return
    st.subheader("What each word of the query does", anchor=False, help=_ABOUT)
    if not left_out(text):
        st.caption("The query is one word: without it nothing is asked.")
    elif st.session_state.get(_ASKED) != text:
        st.button(
            "Leave out each word", key="leave out words", icon=":material/backspace:", on_click=_ask, args=(text,)
        )
    else:
        _measured(dataset, text, candidates, int(place[0]), settings)


def _ask(text: str) -> None:
    st.session_state[_ASKED] = text


def _measured(dataset: Dataset, text: str, candidates: Candidates, place: int, settings: SearchSettings) -> None:
    known = Keyed((text, settings.query_id, settings.searches_catalogue), candidates)
    try:
        effects = effects_of_words(dataset, text, known, place, settings.searches_catalogue)
    except SqidError as error:
        why = "This needs the encoder that the vectors were made with. " if isinstance(error, EncoderError) else ""
        st.info(f"{why}{plain(for_visitors(error))}", icon=":material/power_off:")
        return
    if not effects:
        st.caption("No signal here scores this product by itself, so there is nothing to measure.")
        return
    st.markdown("  \n".join(sentences(effects)))
    shown_table(f"What each word of “{plain(text)}” does", table(effects), "", "words-left-out", width="stretch")


def sentences(effects: Sequence[WordEffect]) -> list[str]:
    """What leaving a word out does, the words that move the product most first; Markdown."""
    by_word: dict[str, list[WordEffect]] = {}
    for effect in effects:
        by_word.setdefault(effect.word, []).append(effect)
    moved = {word: max(map(_moved, own)) for word, own in by_word.items()}
    most = [word for word in sorted(moved, key=lambda word: -moved[word]) if moved[word]][:_MOST_SENTENCES]
    if not most:
        return ["No word moves it: without any one of them it keeps its ranks."]
    return [f"Without *{plain(word)}* it {' and '.join(map(_move, by_word[word]))}." for word in most]


def _moved(effect: WordEffect) -> float:
    return math.inf if effect.after is None else abs(effect.after - effect.before)


def _move(effect: WordEffect) -> str:
    by = _BY[effect.modality]
    if effect.after is None:
        return f"has no rank {by}, since no other word is known there"
    if effect.after == effect.before:
        return f"keeps rank {effect.before:,} {by}"
    return f"{'falls' if effect.after > effect.before else 'rises'} from {effect.before:,} to {effect.after:,} {by}"


def table(effects: Sequence[WordEffect]) -> pd.DataFrame:
    """A row a word: the rank with and without it and the change of the raw score, by each modality."""
    rows: dict[str, dict[str, str]] = {}
    for effect in effects:
        own = rows.setdefault(effect.word, {"Without": effect.word})
        own[f"Rank {_BY[effect.modality]}"] = (
            f"{effect.before:,} → {NOTHING if effect.after is None else f'{effect.after:,}'}"
        )
        own[f"Score {_BY[effect.modality]}"] = f"{effect.score:+.3f}".replace("-", "−")
    order = ["Without", *(f"{kind} {_BY[name]}" for name in MODALITIES for kind in ("Rank", "Score"))]
    found = pd.DataFrame(list(rows.values())).fillna(NOTHING)
    return found[[name for name in order if name in found]]
