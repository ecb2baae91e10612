"""How far judges agree: all of them, two and two, with the published labels, and each with himself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.against_people import people_words
from sqid_core.judging.agreement import UNRATEABLE, Agreement
from sqid_core.judging.store import Judge
from sqid_ui.caches.agreed import Agreed
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

_SHARE = st.column_config.NumberColumn(format="percent")


def show_agreement(dataset: Dataset, found: Agreed, judges: Mapping[str, Judge]) -> None:
    """The coefficients, and the tables behind them."""
    names = {judge.id: judge.name for judge in judges.values()}
    show.numbers(
        ("Alpha, labels as names", _value(found.nominal), _span(found.nominal)),
        ("Alpha, labels in their order", _value(found.ordinal), _span(found.ordinal)),
        ("Pairs with two or more labels", f"{found.nominal.n:,}"),
        ("Disagreements left", f"{len(found.disagreements):,}"),
    )
    st.caption(
        "Krippendorff’s alpha of people: 1 where all agree, 0 as by chance; intervals of 95 % over queries. "
        + plain(found.nominal.why)
    )
    _judges(found, judges, names)
    _kappas(found, names)
    _confusion(dataset, found)


def _value(found: Agreement) -> str:
    return show.NOTHING if np.isnan(found.value) else f"{found.value:.3f}"


def _span(found: Agreement) -> str:
    return "no interval" if np.isnan(found.low) else f"{found.low:.2f} to {found.high:.2f}"


def _judges(found: Agreed, judges: Mapping[str, Judge], names: Mapping[str, str]) -> None:
    frame = found.judges.assign(judge=found.judges["judge"].map(lambda judge: names.get(judge, judge)))
    frame.insert(1, "kind", [judges[judge].kind if judge in judges else "" for judge in found.judges["judge"]])
    columns = {
        "judge": "Judge",
        "kind": "Kind",
        "labels": "Labels",
        "unrateable": "Unrateable",
        "later": "Later",
        "seconds": st.column_config.NumberColumn("Seconds a pair", format="%.1f", help="The median."),
        "timed": None,
        "twice": st.column_config.NumberColumn("Seen twice", help="Pairs that were answered on a second showing, too."),
        "same": st.column_config.NumberColumn("Same answer", format="percent"),
    }
    models = [f"{names.get(model, model)}: {people_words(each)}" for model, each in found.with_people.items()]
    caption = " ".join(["Equal names are different judges.", *(f"{plain(text)}." for text in models)])
    _table("Judges", frame, caption, "judges", columns)


def _kappas(found: Agreed, names: Mapping[str, str]) -> None:
    frame = found.kappas[found.kappas["n"] > 0].assign(
        a=lambda rows: rows["a"].map(lambda judge: names.get(judge, judge)),
        b=lambda rows: rows["b"].map(lambda judge: names.get(judge, judge)),
    )
    if frame.empty:
        st.caption("No two judges have labelled one pair, so there is no kappa of two.")
        return
    columns = {
        "a": "Judge",
        "b": "And",
        "n": "Pairs",
        "agree": st.column_config.NumberColumn("Equal labels", format="percent"),
        **show.columns_of({"kappa": "Kappa", "low": "From", "high": "To"}),
        "why": None,
    }
    _table("Cohen’s kappa of two judges", frame, "Intervals of 95 % over queries.", "kappas", columns)


def _confusion(dataset: Dataset, found: Agreed) -> None:
    frame = found.confusion.reset_index().rename(columns={"published": "Published label"})
    caption = f"How often people gave each label, by the label that {plain(dataset.name)} publishes."
    _table("Against the published labels", frame, caption, "confusion", {UNRATEABLE: UNRATEABLE.capitalize()})


def _table(title: str, frame: pd.DataFrame, caption: str, name: str, columns: Mapping[str, object]) -> None:
    told = {
        name: st.column_config.Column(config) if isinstance(config, str) else config for name, config in columns.items()
    }
    hidden = [name for name, config in told.items() if config is None]
    kept = {name: config for name, config in told.items() if config is not None}
    show.table(title, frame.drop(columns=hidden, errors="ignore"), caption, name, kept)
