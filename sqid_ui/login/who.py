"""Who somebody is: who signed in, where this server has a login; else whose browser it is, by its cookie."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from sqid_core.bundle.audience import may_see
from sqid_core.bundle.manifest import Manifest
from sqid_core.judging.store import Judge, Store
from sqid_ui.login.configured import login_settings
from sqid_ui.login.cookie import secret_in
from sqid_ui.login.person import Person, person_of
from sqid_ui.login.signed import SIGNED_OUT, user_in


def person_here() -> Person | None:
    """Who signed in and looks at this page."""
    return _person(st.user.to_dict())


def person_with(cookies: Mapping[str, str]) -> Person | None:
    """Who signed in and comes with these cookies."""
    return _person(user_in(cookies)) if login_settings() else None


def _person(user: Mapping[str, Any]) -> Person | None:
    settings = login_settings()
    person = person_of(user, settings, time.time()) if settings else None
    return None if person is None or person in SIGNED_OUT else person


def may_enter(person: Person | None) -> bool:
    """Whether this server shows somebody anything at all."""
    settings = login_settings()
    return person is not None or settings is None or not settings.required


def may_open(person: Person | None, manifest: Manifest) -> bool:
    """Whether somebody may see a bundle and whatever is of it: everything that shows or serves a part of one asks."""
    return may_enter(person) and may_see(manifest.visible_to, person.claims if person else None)


def judge_here(store: Store) -> Judge | None:
    """Whose page this is."""
    return _judge(store, person_here(), st.context.cookies)


def judge_with(store: Store, cookies: Mapping[str, str]) -> Judge | None:
    """Who comes with these cookies; None for somebody who has taken no name yet."""
    return _judge(store, person_with(cookies), cookies)


def _judge(store: Store, person: Person | None, cookies: Mapping[str, str]) -> Judge | None:
    if login_settings() is None:
        secret = secret_in(cookies)
        return store.judge_of(secret) if secret else None
    if person is None:
        return None
    judge = store.judge_of(person.key) or store.enrol(person.key, person.name, person.role or "viewer")
    # Claims are asked each time: who lost a role there has lost it here.
    return replace(judge, role=person.role) if person.role else judge


def take_name(store: Store, name: str) -> Judge | None:
    """Makes whose page this is a judge of this name, who may judge where anybody may; None where the browser keeps no
    cookies."""
    secret = secret_in(st.context.cookies)
    return store.enrol(secret, name, "viewer") if secret else None


def keeps_cookies() -> bool:
    """Whether this browser came with a secret, so that it will be known again."""
    return bool(secret_in(st.context.cookies))
