"""The Compare page's memory: link, widgets and session hold the same settings, as those of the Search page do.

Which of them changed last is found out by `sqid_ui.settings.link`, which also writes the address.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_core.evaluation.run_specs import RunSpec, check_run, tidy_name
from sqid_core.ranking.fusion import Fusion
from sqid_ui.caches import comparing as resources
from sqid_ui.compare.state import LOSSES, RUNS, CompareSettings, read_link
from sqid_ui.search.state import coherent_norm
from sqid_ui.settings import link, popover_keys

# Plain session keys: they outlive the page's widgets.
_SETTINGS, _REJECTED, _FUSION = "settings of compare", "rejected by compare", "fusion of"
# No widget either, but named like one: a change of it was made here, not in the address.
_QUERY = f"{link.COMPARE} query"
FUSED = ""
_OF_FUSION = ("method", "weight", "norm", "missing", "rrf_k", "text", "image")
_IN_POPOVERS = frozenset(_OF_FUSION) - {"weight"}


def widget_key(name: str, side: str = "") -> str:
    """The key of a widget, of a run's side or of the page."""
    return popover_keys.key_now(_first_key(name, side))


def _first_key(name: str, side: str) -> str:
    return " ".join(filter(None, (link.COMPARE, side, name)))


def set_widget(name: str, side: str, value: Any) -> None:
    """Changes a setting before its widget is drawn."""
    if name in _IN_POPOVERS:
        popover_keys.give(_first_key(name, side), value)
    else:
        st.session_state[widget_key(name, side)] = value


def settle_widgets(dataset: Dataset, default: CompareSettings) -> tuple[str, ...]:
    """Gives every widget of the page its value before it is drawn; returns the link's parameters that were nonsense."""
    kept = st.session_state.get(_SETTINGS)
    if link.link_changed() or kept is None:
        known = resources.known(dataset.fingerprint, dataset)
        settings, st.session_state[_REJECTED] = read_link(st.query_params.to_dict(), known, default)
        _fill(settings)
    elif kept[0] != dataset.fingerprint:
        _fill(_carried_over(kept[1], dataset, default))
    else:
        _fill(kept[1], only_missing=True)
    return st.session_state.get(_REJECTED, ())


def settings_from_widgets(dataset: Dataset) -> CompareSettings:
    """The settings as the widgets stand now, kept for the rest of the session."""
    a, b = (spec(dataset, side) for side in RUNS)
    state = st.session_state
    settings = CompareSettings(
        a, b, state[widget_key("gains")], state.get(widget_key("queue")) or LOSSES, state.get(_QUERY, "")
    )
    if state.get(_SETTINGS) not in (None, (dataset.fingerprint, settings)):
        state[_REJECTED] = ()
    state[_SETTINGS] = (dataset.fingerprint, settings)
    return settings


def pick_query(query_id: str) -> None:
    """Shows another query from the next run on; "" for the first of the queue."""
    st.session_state[_QUERY] = query_id


def query_picked() -> str:
    """The query that was picked last, "" for the first of the queue."""
    picked: str = st.session_state.get(_QUERY, "")
    return picked


def current() -> CompareSettings:
    """The settings of the last run."""
    settings: CompareSettings = st.session_state[_SETTINGS][1]
    return settings


def exchange() -> None:
    """A becomes B and B becomes A."""
    fingerprint, settings = st.session_state[_SETTINGS]
    swapped = replace(settings, a=settings.b, b=settings.a)
    st.session_state[_SETTINGS] = (fingerprint, swapped)
    _fill(swapped)


def first_signal(dataset: Dataset, modality: Any) -> str:
    """The name of the signal that a fusion takes where none is named."""
    signal = dataset.signal(modality)
    return "" if signal is None else signal.name


def _fill(settings: CompareSettings, only_missing: bool = False) -> None:
    """only_missing: a widget that was not drawn in the last run has forgotten its value; the others keep theirs."""
    wanted: dict[tuple[str, str], Any] = {("gains", ""): settings.gains, ("queue", ""): settings.queue}
    for side in RUNS:
        wanted |= {(name, side): value for name, value in _widgets_of(settings.run(side), side).items()}
    for (name, side), value in wanted.items():
        if not (only_missing and widget_key(name, side) in st.session_state):
            set_widget(name, side, value)
        elif name in _IN_POPOVERS:
            popover_keys.tell_again(_first_key(name, side))
    if not only_missing or _QUERY not in st.session_state:
        st.session_state[_QUERY] = settings.query_id


def _widgets_of(run: RunSpec, side: str) -> dict[str, Any]:
    # A signal has no fusion: its widgets, which are not drawn, hold the one that was there before.
    mixed = run if run.fusion is not None else st.session_state.get(f"{_FUSION} {side}", RunSpec(fusion=Fusion()))
    fusion = mixed.fusion or Fusion()
    return {
        "run": run.signal or FUSED,
        "name": run.name,
        "method": fusion.method,
        "weight": float(fusion.image_weight),
        "norm": fusion.norm,
        "missing": fusion.missing_image,
        "rrf_k": int(fusion.rrf_k),
        "text": mixed.text,
        "image": mixed.image,
    }


def spec(dataset: Dataset, side: str) -> RunSpec:
    """Run `a` or `b` as its widgets stand now."""

    def value(name: str) -> Any:
        return st.session_state[widget_key(name, side)]

    name = tidy_name(value("name"))
    if value("run") != FUSED:
        return RunSpec(signal=value("run"), name=name)
    method, weight, norm, missing, rrf_k, text, image = map(value, _OF_FUSION)
    fusion = Fusion(method, weight, coherent_norm(method, norm), missing, rrf_k)
    text, image = (
        "" if chosen == first_signal(dataset, modality) else chosen
        for modality, chosen in (("text", text), ("image", image))
    )
    found = RunSpec(fusion=fusion, text=text, image=image, name=name)
    st.session_state[f"{_FUSION} {side}"] = found
    return found


def _carried_over(settings: CompareSettings, dataset: Dataset, default: CompareSettings) -> CompareSettings:
    """What still makes sense in another bundle: the runs that it can make, and the gains that it has."""

    def run(side: str) -> RunSpec:
        try:
            check_run(dataset, settings.run(side))
        except SqidError:
            return default.run(side)
        return settings.run(side)

    gains = settings.gains if settings.gains in dataset.scale.gain_names else default.gains
    return CompareSettings(run("a"), run("b"), gains, settings.queue)
