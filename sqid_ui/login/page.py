"""Signing in and out, and who one is here."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import streamlit as st

from sqid_core.errors import InputError, SqidError
from sqid_core.extras import needs
from sqid_core.judging.store import ROLES_DO
from sqid_ui.caches.judging import judging_store
from sqid_ui.login.configured import LoginSettings, login_settings
from sqid_ui.login.person import Person
from sqid_ui.login.who import judge_here, person_here
from sqid_ui.parts.markup import plain


def run() -> None:
    """Who is signed in; how to sign in where nobody is."""
    person, settings = person_here(), login_settings()
    if person is None or settings is None:
        ask("Sign in")
        return
    st.title(plain(person.name))
    until = datetime.fromtimestamp(person.login[1] + settings.hours * 3600, tz=UTC)
    st.markdown(f"Signed in until {until:%Y-%m-%d %H:%M} UTC.{_role()}")
    st.caption(_known_by(person))
    st.button("Sign out", icon=":material/logout:", on_click=st.logout)


def _role() -> str:
    """What somebody may do; "" where nothing can be judged."""
    try:
        judge = judge_here(judging_store())
    except SqidError:
        return ""
    return f" Your role, **{judge.role}**, {ROLES_DO[judge.role]}." if judge else ""


def _known_by(person: Person) -> str:
    """What a lead or a bundle may name them by."""
    claims = ("email", "preferred_username", "sub", "iss")
    return " · ".join(f"{name} {plain(str(person.claims[name]))}" for name in claims if person.claims.get(name))


def ask(title: str) -> None:
    """What somebody sees who has to sign in first. title: of the page that was asked for."""
    settings = login_settings()
    st.title(title)
    if settings is None:
        st.info("This server has no login: everybody sees all of it.", icon=":material/lock_open:")
        return
    if not settings.clients:
        st.error(
            "**Nobody can sign in: this server’s login is not set up.** Whoever runs it finds how in the documentation "
            "(*Host it*, *A login*): `[auth]` in `.streamlit/secrets.toml` names the provider.",
            icon=":material/key_off:",
        )
        return
    try:
        needs("hosting", "authlib")
    except InputError as error:
        st.error(f"**Nobody can sign in.** {plain(str(error))}.", icon=":material/key_off:")
        return
    with st.container(key="sign-in", width=480):
        st.markdown(
            "Sign in to see what is here."
            if settings.required
            else "Sign in to judge, and to see bundles that are for some people only."
        )
        _buttons(settings)
        if host := os.environ.get("SPACE_HOST"):
            st.caption(
                f"Inside the frame of another site browsers keep no sign-in: [open this app in a window of its own](https://{host}/)."
            )


def _buttons(settings: LoginSettings) -> None:
    for provider in settings.clients:
        label = "Sign in" if len(settings.clients) == 1 else f"Sign in with {plain(provider.capitalize())}"
        named = None if provider == "default" else provider
        st.button(
            label, type="primary", icon=":material/login:", key=f"sign in {provider}", on_click=st.login, args=(named,)
        )
