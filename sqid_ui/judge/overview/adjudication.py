"""The queue of disagreements: a lead's last word on each, an act like others."""

from __future__ import annotations

import secrets

import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_core.judging.acts import Act, standing
from sqid_core.judging.rules import may_lead
from sqid_core.judging.store import Judge, Store
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.judging import query_texts
from sqid_ui.judge.faces import faces
from sqid_ui.login.who import judge_here
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.shell.bundles import for_visitors

_COLUMNS = {
    "query": Column("Query", whole=True, width=240),
    "title": Column("Product", whole=True, width=320),
    "answers": Column("Answers", whole=True, width=220),
    "steps": Column("Steps apart", "number", 0, help="How far the best and the worst label are apart in the scale."),
    "tied": Column("Tied", "flag", help="No answer has most voices."),
}
# Plain session keys: the pair that is looked at, and why a last word was not stored.
_OPEN, _REFUSED = "disagreement", "last word refused"


def show_queue(dataset: Dataset, store: Store, queue: pd.DataFrame, acts: pd.DataFrame, judge: Judge | None) -> None:
    """The list; a row opens its pair under it."""
    for sentence in st.session_state.pop(_REFUSED, ()):
        st.error(f"The last word was not stored: {plain(sentence)}.", icon=":material/error:")
    if queue.empty:
        st.caption("No pair is left on which people’s answers differ.")
        return
    texts, titles = query_texts(dataset), dataset.products["title"]
    frame = queue.assign(
        pair=[f"{query} {product}" for query, product in zip(queue["query_id"], queue["product_id"], strict=True)],
        query=queue["query_id"].map(lambda query: texts.get(query, query)),
        title=[_title(dataset, titles, product) for product in queue["product_id"]],
    )[["query", "title", "answers", "steps", "tied", "pair"]]
    with show.listed("Disagreements", frame.drop(columns="pair"), "disagreements", _COLUMNS):
        opened = row_list(frame, _COLUMNS, "disagreement-list", "Disagreements", "pair", "", lambda _: None, height=360)
    if opened:
        st.session_state[_OPEN] = opened
    held = st.session_state.get(_OPEN)
    rows = queue[frame["pair"] == held]
    if len(rows):
        query_id, product_id = str(rows["query_id"].iloc[0]), str(rows["product_id"].iloc[0])
        _pair(dataset, store, (query_id, product_id), acts, judge)


def _title(dataset: Dataset, titles: pd.Series, product_id: str) -> str:
    row = product_row(dataset, product_id)
    return str(titles.iloc[row]) if row >= 0 else product_id


def _pair(dataset: Dataset, store: Store, pair: tuple[str, str], acts: pd.DataFrame, judge: Judge | None) -> None:
    (face,) = faces(dataset, [pair])
    said = standing(acts)
    said = said[(said["query_id"] == pair[0]) & (said["product_id"] == pair[1])]
    names = {each.id: each.name for each in store.judges().values()}
    with st.container(border=True, key="disagreement"):
        left, right = st.columns([1, 3], gap="medium")
        if face is not None and face["picture"]:
            left.image(face["picture"], width=180)
        if face is not None:
            right.markdown(f"**{plain(face['query'])}**  \n{plain(face['title'])}")
        for who, kind, label in zip(said["judge"], said["kind"], said["value"], strict=True):
            right.caption(f"{plain(names.get(who, who))}: **{plain(label if kind == 'label' else kind)}**")
        for text in _explanations(acts, pair):
            right.caption(f"“{plain(text)}”")
        if judge is not None and may_lead(judge):
            with right.container(horizontal=True, gap="small"):
                for label in dataset.scale.names:
                    st.button(
                        plain(label),
                        key=f"last word {label}",
                        on_click=_settle,
                        args=(store, dataset, pair, label, int(acts["number"].max()) + 1, _book(said)),
                    )
        else:
            right.caption("A lead has the last word.")


def _explanations(acts: pd.DataFrame, pair: tuple[str, str]) -> list[str]:
    of_pair = (acts["query_id"] == pair[0]) & (acts["product_id"] == pair[1]) & (acts["kind"] == "explanation")
    return [str(value) for value in acts.loc[of_pair, "value"] if value]


def _book(said: pd.DataFrame) -> str:
    return next((str(book) for book in said["book"] if book), "")


def _settle(store: Store, dataset: Dataset, pair: tuple[str, str], label: str, number: int, book: str) -> None:
    act = Act(secrets.token_urlsafe(16), "adjudicate", number, *pair, label, book)
    try:
        # A callback comes before the page that would show no button any more: who leads now is asked again.
        judge = judge_here(store)
        if judge is None or not may_lead(judge):
            refused = ["only a lead has it"]
        else:
            refused = list(store.add([act], judge.id, dataset.name, dataset.fingerprint).refused.values())
    except SqidError as error:
        refused = [for_visitors(error)]
    st.session_state[_REFUSED] = refused
