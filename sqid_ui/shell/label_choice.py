"""Whose labels count: a choice on every page, and the bundle as it judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_core.judging.against_people import people_words
from sqid_core.judging.label_sets import LONGEST_SET, PUBLISHED, LabelSet, read_labels, write_labels
from sqid_core.judging.rules import may_see_others
from sqid_core.judging.store import Judge
from sqid_core.wording import counted, short
from sqid_ui.caches.agreed import agreed
from sqid_ui.caches.label_sets import Judged, as_judged, judged
from sqid_ui.login.configured import login_settings
from sqid_ui.login.who import judge_here
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.setting import Setting
from sqid_ui.shell.bundles import for_visitors

_JUDGE = "judge "


def labels_setting(version: int) -> Setting:
    """Whose labels count. version: what a set without one has in a link, which so shows the same numbers later."""
    return Setting(
        "labels",
        PUBLISHED,
        read_labels,
        lambda labels: write_labels(labels.at(version)),
        of_bundle=True,
        longest=LONGEST_SET,
        split=_widgets,
        join=_chosen,
    )


def chosen_labels(dataset: Dataset) -> Dataset:
    """The bundle with the labels that somebody chose, or the link names; draws the choice where there is one."""
    found = judged(dataset.name)
    asked = session.settle_ahead(labels_setting(0 if found is None else found.version), dataset.fingerprint)
    if found is None:
        if asked:
            st.warning("The link names a set of labels, but nothing was judged here; these are the published labels.")
        return dataset
    me = judge_here(found.store)
    names = {judge.id: judge.name for judge in found.judges.values()}
    offered = _offered(found, me)
    if not offered and not asked:
        return dataset
    with st.container(key="label-set", horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        told = st.container(width="stretch", horizontal=True, vertical_alignment="center")
        _draw(offered)
    asked = session.value("labels")
    if not asked:
        return dataset
    if _source(asked) not in offered:
        st.warning(_refused(found, asked, me))
        return dataset
    try:
        shown = as_judged(dataset, asked.at(found.version), found)
    except SqidError as error:
        st.error(plain(for_visitors(error)))
        return dataset
    with told:
        words = asked.words(names)
        more = "; ".join(filter(None, (shown.sentence(), _model(dataset, found, asked))))
        st.caption(f"**{plain(words[:1].upper() + words[1:])}**: {plain(more)}.", width="content")
        if asked.version is not None and asked.version < found.version:
            later = found.version - asked.version
            st.button(
                f"{counted(later, 'later act', 'later acts')}: count {'it' if later == 1 else 'them'} too",
                type="tertiary",
                on_click=session.give,
                args=("labels", LabelSet(asked.source, asked.judge, None, asked.alone)),
            )
    return shown.dataset


def _model(dataset: Dataset, found: Judged, asked: LabelSet) -> str:
    """What a model says is shown beside how far it agrees with people, and not without."""
    if asked.judge not in found.models:
        return ""
    return people_words(agreed(dataset, found.store, found.version, found.models).with_people[asked.judge])


def _offered(found: Judged, me: Judge | None) -> dict[str, str]:
    """The sets that may be seen now, by what the widget holds, and how many pairs each labels. While a blind book is
    open nobody but a lead sees what others said, and so no set that is made of it."""
    own = {} if me is None or not found.pairs.get(me.id) else {_JUDGE + me.id: f"mine ({found.pairs[me.id]:,})"}
    if not may_see_others(me, found.books):
        return own
    # Where there is a login, people's names are not for strangers.
    named = me is not None or login_settings() is None
    people = [judge for judge in found.pairs if found.judges[judge].kind == "person"]
    sets = {"majority": f"most judges ({counted(len(people), 'judge', 'judges')})"} if people else {}
    if found.adjudicated:
        sets["adjudicated"] = f"adjudicated ({found.adjudicated:,})"
    others = {
        _JUDGE + judge: f"{short(found.judges[judge].name, 40)} ({pairs:,}{', model' if judge in found.models else ''})"
        for judge, pairs in found.pairs.items()
        if _JUDGE + judge not in own and (named or judge in found.models)
    }
    return sets | own | others


def _refused(found: Judged, asked: LabelSet, me: Judge | None) -> str:
    if not may_see_others(None, found.books) and (asked.source != "judge" or asked.judge in found.pairs):
        return (
            "A blind book is open, so only a lead sees what judges said; these are the published labels until it is "
            "closed."
        )
    if me is None and login_settings() is not None and asked.source == "judge":
        return "What one judge said is shown to people who are signed in; these are the published labels."
    return "The link names a set of labels that nobody gave here; these are the published labels."


def _draw(offered: Mapping[str, str]) -> None:
    held = session.value("labels")
    options = ["published", *offered]
    if _source(held) not in options:
        options.append(_source(held))
    looks = {"published": "published", **offered}
    chosen = looks.get(_source(held), "not here").partition(" (")[0]
    with st.popover(f"Labels: {plain(chosen)}", type="tertiary"):
        session.draw(
            st.radio,
            "labels",
            "Whose labels count",
            options,
            part="whose",
            format_func=lambda option: plain(looks.get(option, "not here")).capitalize(),
        )
        session.draw(
            st.toggle,
            "labels",
            "Other pairs count as unjudged",
            part="alone",
            disabled=held.source == "published",
            help="Off: pairs that the set does not label keep the published label.",
        )


def _source(labels: LabelSet) -> str:
    return _JUDGE + labels.judge if labels.judge else labels.source


def _widgets(labels: LabelSet) -> Mapping[str, Any]:
    return {"whose": _source(labels), "alone": labels.alone}


def _chosen(parts: Mapping[str, Any]) -> LabelSet:
    whose = parts["whose"] or PUBLISHED.source
    if whose == PUBLISHED.source:
        return PUBLISHED
    judge = whose.removeprefix(_JUDGE) if whose.startswith(_JUDGE) else ""
    return LabelSet("judge" if judge else whose, judge, None, bool(parts["alone"]))
