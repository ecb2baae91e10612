"""The first screen's words: what this is, and a few queries that show it."""

from __future__ import annotations

import streamlit as st

from sqid_core.analysis.opening import MIX, NEITHER, PICTURES, WORDS
from sqid_core.bundle.load import Dataset
from sqid_ui.caches.judged_queries import examples, query_names
from sqid_ui.parts.markup import plain
from sqid_ui.search import controls

_SENTENCE = (
    "**Which finds the right products first: their words or their pictures?** *Text* ranks them by title, *Image* by "
    "picture, *Fused* by both. **Drag the slider** to mix."
)
_SCORE = (
    "The same products in three orders. Each has a label, from {best} to {worst}; the score, NDCG, is 1 where the best "
    "come first."
)
_LONGEST = 28
# Why a query was picked: what it shows is no finding about the others.
PICKED = {
    PICTURES: "Picked because pictures win here; on other queries words do.",
    WORDS: "Picked because words win here; on other queries pictures do.",
    MIX: "Picked because mixing helps here; on other queries it does not.",
    NEITHER: "Picked because both rankings fail here.",
}


def shows(dataset: Dataset, query_id: str) -> str:
    """What a query is an example of, "" for any other query."""
    return next((example.shows for example in examples(dataset) if example.query_id == query_id), "")


def welcome(dataset: Dataset, query_id: str) -> None:
    """One sentence and the examples, for as long as one of them is open. query_id: the judged query that is open."""
    if not shows(dataset, query_id):
        return
    names = query_names(dataset)
    with st.container(key="welcome", gap="small"):
        st.markdown(_SENTENCE)
        with st.container(key="score-in-words"):
            st.caption(_SCORE.format(best=plain(dataset.scale.names[0]), worst=plain(dataset.scale.names[-1])))
        with st.container(key="examples", horizontal=True, gap="small"):
            for example in examples(dataset):
                name = names[example.query_id]
                short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
                st.button(
                    f"{example.shows.capitalize()}: **{plain(short)}**",
                    key=f"example {example.shows}",
                    type="primary" if example.query_id == query_id else "secondary",
                    on_click=controls.open_example,
                    args=(example.query_id,),
                )
