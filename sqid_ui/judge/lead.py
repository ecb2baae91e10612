"""Leads: how one becomes one, and whom they let judge."""

from __future__ import annotations

import time
from threading import Lock
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from sqid_core.judging.rules import may_lead
from sqid_core.judging.store import ROLES, ROLES_DO, Judge, Store
from sqid_ui.judge.rhythm import duration
from sqid_ui.login.configured import roles_by_claims
from sqid_ui.login.who import judge_here
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import give, value

_MOST_SHOWN = 200
# Between two links that the server prints, whoever asks for them.
PAUSE_S = 60.0


def redeem(store: Store, judge: Judge) -> Judge:
    """Takes the code of the link, once, and leaves it out of the link from then on."""
    good = store.redeem(value("lead"), judge.id)
    give("lead", "")
    if good:
        st.toast("You are a lead now: you make books and say who judges.", icon=":material/verified:")
        return store.judges()[judge.id]
    if judge.role != "lead":
        st.warning("This link for leads was used before, or is older than a day. The server prints another one.")
    return judge


def offer(store: Store, judge: Judge | None) -> None:
    """How somebody with a name becomes a lead: who can read what the server prints runs it."""
    if roles_by_claims():
        st.caption("Books are made by leads; who is one, the login says.")
        return
    st.caption("Books are made by leads. The server prints a link that makes one person a lead, once.")
    if judge is None:
        return
    if st.button("Print a link for a lead", icon=":material/terminal:", help="In the server’s own window or log."):
        wait = PRINTED.wait()
        if wait:
            st.warning(f"One was printed a moment ago: look there, or ask again in {duration(wait)}.")
            return
        page = (st.context.url or "").partition("?")[0]
        print(f"SQID Explorer: {page}?{urlencode({'lead': store.lead_code()})} makes one person a lead.", flush=True)
        st.info("Printed where the server was started. Whoever opens that link within a day is a lead.")


class Printed:
    """When the server last printed a link: whoever presses again and again fills its log and the store with codes."""

    def __init__(self) -> None:
        self._until, self._lock = 0.0, Lock()

    def wait(self) -> float:
        """The seconds until one may be printed; where that is 0, it is now, and the next one waits."""
        with self._lock:
            left = self._until - time.monotonic()
            if left > 0:
                return left
            self._until = time.monotonic() + PAUSE_S
            return 0.0


# One a server: it is the server's log.
PRINTED = Printed()


def people(store: Store) -> None:
    """Who judges, and as what."""
    found = [judge for judge in store.judges().values() if judge.kind == "person"]
    with st.expander(f"People ({len(found):,})", icon=":material/group:"):
        st.caption(" · ".join(f"**{role}** {does}" for role, does in ROLES_DO.items()))
        if roles_by_claims():
            st.caption("The login says who is what.")
        names = pd.Series([judge.name for judge in found]).value_counts()
        for judge in found[-_MOST_SHOWN:]:
            _person(store, judge, twice=names[judge.name] > 1)


def _person(store: Store, judge: Judge, twice: bool) -> None:
    name, role = st.columns([3, 2], vertical_alignment="center")
    name.markdown(plain(judge.name) + (f" · {judge.id[:6]}" if twice else ""))
    if roles_by_claims():
        return
    key = f"role of {judge.id}"
    role.selectbox(
        f"Role of {judge.name}",
        ROLES,
        index=ROLES.index(judge.role),
        key=key,
        label_visibility="collapsed",
        on_change=_grant,
        args=(store, judge, key),
    )


def _grant(store: Store, judge: Judge, key: str) -> None:
    """A callback comes before the page that would show this no more: who leads now is asked again."""
    if may_lead(judge_here(store)) and not roles_by_claims():
        store.grant(judge.id, st.session_state[key])
