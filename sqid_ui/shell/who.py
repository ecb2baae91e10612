"""Who somebody is. One function knows; a login will stand behind it some day."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from sqid_core.judging.store import Judge, Store
from sqid_ui.shell.cookie import secret_in


def judge_of(store: Store, cookies: Mapping[str, str]) -> Judge | None:
    """Who comes with these cookies; None for somebody who has taken no name yet."""
    secret = secret_in(cookies)
    return store.judge_of(secret) if secret else None


def judge_here(store: Store) -> Judge | None:
    """Whose page this is."""
    return judge_of(store, st.context.cookies)


def take_name(store: Store, name: str) -> Judge | None:
    """Makes whose page this is a judge of this name, who may judge where anybody may; None where the browser keeps no
    cookies."""
    secret = secret_in(st.context.cookies)
    return store.enrol(secret, name, "viewer") if secret else None


def keeps_cookies() -> bool:
    """Whether this browser came with a secret, so that it will be known again."""
    return bool(secret_in(st.context.cookies))
