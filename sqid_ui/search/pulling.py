"""A product that is pulled to a rank: what the board shows of it, and where its losing and winning queries open."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from sqid_core.analysis.query_sets import LONGEST_SET, QuerySet, SetSpec, write_rows
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.pull import Pull, best_stop, price, pull
from sqid_core.evaluation.run_specs import RunSpec, tidy_name, write_run
from sqid_core.ranking.candidates import Candidates
from sqid_core.types import Positions
from sqid_ui.caches.jobs import show_when_ready
from sqid_ui.caches.measuring import curves
from sqid_ui.caches.rankings import everyones_curve
from sqid_ui.parts.walk import set_link
from sqid_ui.search import pull_words
from sqid_ui.search.state import SearchSettings
from sqid_ui.settings import session
from sqid_ui.settings.setting import choice

# What the board's buttons of a pull ask for, and the queue of Compare that it is.
LOSING, WINNING = "losing", "winning"
_QUEUES = {LOSING: "losses", WINNING: "wins"}
_GOES = "pull goes to"


def pulled(
    dataset: Dataset,
    candidates: Candidates,
    settings: SearchSettings,
    certified: Positions | None,
    walked: QuerySet | None = None,
) -> dict[str, Any] | None:
    """What the board is told of the product that is pulled; None where none of these candidates is, or they are not
    mixed. certified: of a catalogue, how many ranks are sure at each stop. walked: the set over which it is priced,
    all judged queries if None."""
    if not settings.pull or candidates.columns is None:
        return None
    place = position(dataset, candidates, settings.pull[0])
    if place is None:
        return None
    rank = min(settings.pull[1], len(candidates.rows))
    shown: dict[str, Any] = {"product": place, "rank": rank, "bands": [], "ahead": [], "weight": None, "queries": None}
    if certified is not None and rank > certified.min():
        return shown | {"says": f"Of the whole catalogue only the first {certified.min()} are sure at every weight."}
    found = pull(candidates.columns, settings.fusion, place, rank)
    if not len(found.low):
        return shown | {"says": f"{pull_words.no_weight(found)}.", "ahead": found.ahead.tolist()}
    bands = np.column_stack([found.low, found.high]).round(6).tolist()
    return shown | {"bands": bands} | _priced(dataset, found, settings, walked)


def _priced(dataset: Dataset, found: Pull, settings: SearchSettings, walked: QuerySet | None) -> dict[str, Any]:
    """The weight to take, what it costs, and how many queries lose and win."""
    known = curves(dataset, settings.fusion, settings.gains)
    measured, rows = known.done(), None if walked is None else walked.rows(dataset)
    over_set = measured and rows is not None
    mean = known.result().mean(rows) if over_set else everyones_curve(dataset, settings.fusion, settings.gains)
    stop = best_stop(found, mean)
    said = pull_words.reaches(found, stop)
    if stop is None:
        return {"says": f"{said}."}
    if not measured:
        # Which weight is the best of the set is not known yet.
        return {"says": f"{said}; what that costs is being measured …", "weight": stop if walked is None else None}
    cost = price(known.result(), settings.fusion.image_weight, stop, rows)
    words = pull_words.costs(cost, stop, settings.fusion.image_weight, "" if walked is None else walked.name)
    return {
        "says": f"{said}; {words}.",
        "weight": stop,
        "queries": {LOSING: len(cost.losing), WINNING: len(cost.winning)},
    }


def wait_for_price(dataset: Dataset, settings: SearchSettings) -> None:
    """Shows the page again once the price of the pull is known."""
    if settings.pull is not None and dataset.can_fuse:
        waiting: Sequence[Future[WeightCurves]] = [curves(dataset, settings.fusion, settings.gains)]
        show_when_ready(waiting, "Measuring all judged queries")


def take(action: str, told: str) -> None:
    """What the board asked for. told: `RANK PRODUCT` to pull, rank 0 to let go; or the weight at which some queries
    lose or win, which are to be opened."""
    if action in _QUEUES:
        st.session_state[_GOES] = (action, told)
        return
    rank, _, product_id = told.partition(" ")
    if rank.isdigit():
        session.give("pull", (product_id, int(rank)) if int(rank) else None)


def go_on(dataset: Dataset, settings: SearchSettings, walked: QuerySet | None) -> None:
    """Opens the queries that were asked for: those on which the weight of the pull loses or wins against the weight
    now, as Compare shows them; of the set that is walked, where there is one."""
    if _GOES not in st.session_state:
        return
    action, told = st.session_state.pop(_GOES)
    stop = float(told)
    now = RunSpec(fusion=settings.fusion, text=settings.text_signal, image=settings.image_signal)
    then = replace(now, fusion=replace(settings.fusion, image_weight=stop))
    link = session.link_of([choice("gains", dataset.scale.gain_names)])
    runs = {"a": write_run(now), "b": write_run(then)}
    opens = {"queue": _QUEUES[action]} if walked is None else _of_set(dataset, settings, walked, action, stop)
    st.switch_page("pages/compare.py", query_params=link | runs | opens)


def _of_set(dataset: Dataset, settings: SearchSettings, walked: QuerySet, action: str, stop: float) -> dict[str, str]:
    """The queries of the set that lose or win, as a set of their own, in its order."""
    known = curves(dataset, settings.fusion, settings.gains).result()
    cost = price(known, settings.fusion.image_weight, stop, walked.rows(dataset))
    rows = cost.losing if action == LOSING else cost.winning
    name = tidy_name(f"{action} at {pull_words.weight(stop)} · {walked.name}")
    links = [
        set_link(SetSpec(rows=write_rows(each, dataset.fingerprint), name=name))
        for each in (rows.tolist(), sorted(rows.tolist()))
    ]
    # In the bundle's order many take less room.
    return links[0] if len("".join(links[0].values())) <= LONGEST_SET else links[1]


def position(dataset: Dataset, candidates: Candidates, product_id: str) -> int | None:
    """Where a product is among the candidates, None where it is not."""
    found = np.flatnonzero(dataset.products["product_id"].iloc[candidates.rows] == product_id)
    return int(found[0]) if len(found) else None
