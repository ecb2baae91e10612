"""Walking a set of queries: where one is, J and K, those around, and what was seen. One way on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from sqid_core.analysis.query_sets import QuerySet, SetSpec, write_set
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import read_run
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_ui.caches.query_sets import query_set
from sqid_ui.parts.browser import mount_of, sent
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session, shared
from sqid_ui.settings.setting import choice
from sqid_ui.settings.shared import QUERY_SET

_FOLDER = Path(__file__).parent
# Queries on each side of the one that is shown, in the strip.
_AROUND = 4
_LONGEST = 120
# Plain session keys: what was seen of each bundle, and where each set was left.
_SEEN, _LEFT, _LAST = "queries seen", "sets left at", "query opened last"
_MOST_LEFT = 50

Go = Callable[..., None]


@dataclass(frozen=True)
class Walk:
    """The set that a link names: what it holds, or the sentence that says why that cannot be told."""

    spec: SetSpec
    found: QuerySet | None = None
    fault: str = ""


def settled_set(dataset: Dataset) -> Walk:
    """The set of the link, before the page's other settings."""
    return found_set(dataset, session.settle_ahead(QUERY_SET, dataset.fingerprint))


def found_set(dataset: Dataset, spec: SetSpec) -> Walk:
    """What a spec stands for; all judged queries are no set."""
    if not spec:
        return Walk(spec)
    try:
        return Walk(spec, query_set(dataset, spec))
    except InputError as error:
        return Walk(spec, None, f"{error}")


def leave() -> None:
    """Walks no set any more."""
    session.give(QUERY_SET.name, SetSpec())


def set_fault(walk: Walk) -> None:
    """Why the link's set cannot be shown; nothing where it can."""
    if walk.fault:
        with st.container(horizontal=True, vertical_alignment="center", key="set-fault"):
            told = f"The link’s set of queries cannot be shown: {plain(walk.fault)}."
            st.warning(told, icon=":material/link_off:", width="stretch")
            st.button("Leave the set", key="leave broken set", on_click=leave)


def take_steps(key: str, walked: QuerySet, shown: str, go: Go) -> None:
    """The steps that J and K asked for since the last run, however many: a run that was cut short took none.

    key: of the page's `walk_bar`. go: called with the query to show, and notes to remember in the same moment.
    """
    told = sent(key, "steps")
    if isinstance(told, int) and (by := told - session.note(_steps(key), 0)):
        go(walked.stepped(shown, by, _left_at(walked)), **{_steps(key): told})


def walk_bar(
    key: str,
    walked: QuerySet,
    shown: str,
    names: Mapping[str, str],
    go: Go,
    bundle: str = "",
) -> None:
    """Where one is in a set, and with a bundle the queries around, and what was seen of it.

    names: the text of every query. bundle: the fingerprint under which it is kept what was seen.
    """
    place = walked.places.get(shown, -1)
    if place >= 0:
        _note_place(walked, place)
    seen = _seen(key, bundle) if bundle else {}
    middle = place if place >= 0 else _left_at(walked)
    low = max(0, min(middle - _AROUND, len(walked.ids) - 2 * _AROUND - 1))
    near = range(low, min(low + 2 * _AROUND + 1, len(walked.ids))) if bundle else ()
    data = {
        "name": walked.name,
        "place": place,
        "count": len(walked.ids),
        "shown": shown,
        "done": sum(each in seen for each in walked.ids) + (place >= 0 and shown not in seen),
        "near": [
            {"id": each, "text": _cut(names.get(each, each)), "place": at, "seen": each in seen}
            for at in near
            for each in walked.ids[at : at + 1]
        ],
        "bundle": bundle,
        "heard": session.note(_steps(key), 0),
    }

    def pick() -> None:
        if (picked := sent(key, "picked")) in walked.places:
            go(picked)

    mount_of("sqid_walk", _FOLDER / "walk.js", [_FOLDER / "walk.css"])(
        key=key, data=data, on_picked_change=pick, on_steps_change=lambda: None, on_seen_change=lambda: None
    )


def note_seen(bundle: str, query_id: str) -> None:
    """That a query was shown, to be called last: a run that was cut short showed nothing."""
    _of_bundle(bundle)[query_id] = None
    note_opened(bundle, query_id)


def note_opened(bundle: str, query_id: str) -> None:
    """That a query was opened: lists mark it."""
    st.session_state[_LAST] = (bundle, query_id)


def last_opened(bundle: str) -> str:
    """The query of a bundle that was opened last, "" for none."""
    where, query_id = st.session_state.get(_LAST, ("", ""))
    return query_id if where == bundle else ""


def near_ones(walked: QuerySet, shown: str) -> tuple[str, ...]:
    """The queries that come next, the likeliest first."""
    place = walked.places.get(shown, -1)
    return tuple(walked.ids[at] for at in (place + 1, place + 2, place - 1) if 0 <= at < len(walked.ids))


def _seen(key: str, bundle: str) -> dict[str, None]:
    """What was seen in this visit, and what the browser remembers of earlier ones."""
    found = _of_bundle(bundle)
    told = sent(key, "seen")
    if isinstance(told, list):
        found.update(dict.fromkeys(each for each in told if isinstance(each, str)))
    return found


def _of_bundle(bundle: str) -> dict[str, None]:
    kept: dict[str, dict[str, None]] = st.session_state.setdefault(_SEEN, {})
    return kept.setdefault(bundle, {})


def _steps(key: str) -> str:
    return f"steps of {key}"


def _note_place(walked: QuerySet, place: int) -> None:
    kept: dict[str, int] = st.session_state.setdefault(_LEFT, {})
    kept.pop(walked.name, None)
    kept[walked.name] = place
    while len(kept) > _MOST_LEFT:
        kept.pop(next(iter(kept)))


def _left_at(walked: QuerySet) -> int:
    return int(st.session_state.get(_LEFT, {}).get(walked.name, 0))


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def set_link(spec: SetSpec) -> dict[str, str]:
    """The parameter that gives another page the set."""
    return {QUERY_SET.linked: text} if (text := write_set(spec)) else {}


def query_link(query_id: str, walked: Sequence[str]) -> dict[str, str]:
    """The parameter that opens a query of a set on another page; none for the first of the set, on which it opens by
    itself. walked: the ids of the set, none where there is no set."""
    return {} if walked and query_id == walked[0] else {"query": query_id}


def queries_link(dataset: Dataset, spec: SetSpec) -> dict[str, str]:
    """The Queries page's parameters for a set: by its own filters, a list or a set with a name as it is."""
    usual = shared.fusion_settings(tuple(METHODS))
    gains = choice("gains", dataset.scale.gain_names)
    found = session.link_of([*usual, gains])
    if spec.name or spec.rows:
        return found | set_link(spec)
    if spec.run:
        fusion = read_run(spec.run, dataset).fusion or Fusion()
        found = {name: text for name, text in found.items() if name not in {each.linked for each in usual}}
        found |= shared.fusion_link(fusion)
    if spec.gains:
        found |= {"gains": spec.gains}
    runs = {"show": "runs", "a": spec.a, "b": spec.b} if spec.a or spec.b else {}
    own = {"preset": spec.preset, "find": spec.find, "by": spec.by, "group": spec.group, "sort": spec.sort, **runs}
    found.pop(QUERY_SET.linked, None)
    return found | {name: text for name, text in own.items() if text}
