"""Bundles that only some may see: neither listed nor served to others, by no route."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging_app import make_book
from places import APP
from provider import COOKIE_SECRET, claims, signed, with_login
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME as COOKIE

from precompute.steps.access import show_to
from sqid_core.bundle.manifest import read_manifest
from sqid_core.store.opening import store_of
from sqid_ui.judge.routes import judging_routes
from sqid_ui.login.returning import returning
from sqid_ui.login.signed import user_in
from sqid_ui.login.who import person_with
from sqid_ui.parts.picture_addresses import picture_place
from sqid_ui.shell.bundles import folders_for
from sqid_ui.shell.map_serving import map_route
from sqid_ui.shell.messages import bounded_messages
from sqid_ui.shell.serving import picture_route

TEAM = {"groups": ["team"]}


@pytest.fixture
def login() -> Iterator[None]:
    with with_login():
        yield


@pytest.fixture
def private(data_root: Path) -> Path:
    show_to(data_root / "tiny", ["groups=team"])
    return data_root / "tiny"


def client(cookies: dict[str, str]) -> TestClient:
    routes = [picture_route(), map_route(), judging_routes()]
    return TestClient(Starlette(routes=routes, middleware=[returning()]), cookies=cookies)


def statuses(bundle: Path, cookies: dict[str, str]) -> dict[str, int]:
    """What each route that serves a part of a bundle answers."""
    manifest = read_manifest(bundle)
    place, asked = picture_place(manifest.fingerprint, bundle), {"bundle": "tiny", "fingerprint": manifest.fingerprint}
    with client(cookies) as visitor:
        return {
            "picture": visitor.get(f"/pictures/{place}/mug-red.webp").status_code,
            "product": visitor.get(f"/maps/{place}/products/0").status_code,
            "query": visitor.get(f"/maps/{place}/queries/0").status_code,
            "text": visitor.get("/judging/description", params=asked | {"product": "P007"}).status_code,
        }


def test_whom_the_bundle_names_sees_all_of_it(login: None, private: Path) -> None:
    found = statuses(private, signed(claims("anna", **TEAM)))
    assert set(found.values()) == {200}


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        signed(claims("bo")),
        signed(claims("anna", **TEAM), secret="another server's secret, as long"),
        signed(claims("anna", **TEAM, aud=["elsewhere"])),
        signed(claims("anna", **TEAM) | {"iat": time.time() - 13 * 3600}),
        {"_streamlit_user": "chunks-9"},
    ],
    ids=["nobody", "another", "forged", "audience", "expired", "chunks"],
)
def test_others_see_nothing_of_it(login: None, private: Path, cookies: dict[str, str]) -> None:
    assert set(statuses(private, cookies).values()) == {404}


def test_a_changed_cookie_is_nobodys(login: None) -> None:
    name, value = next(iter(signed(claims("anna", **TEAM)).items()))
    assert user_in({name: value})["sub"] == "anna"
    for place in range(0, len(value), 7):
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        assert user_in({name: changed}) in ({}, user_in({name: value})), place


@given(st.dictionaries(st.sampled_from([COOKIE, f"{COOKIE}_1", f"{COOKIE}_2", "x"]), st.text(max_size=40)))
def test_any_cookies_are_somebodys_or_nobodys(cookies: dict[str, str]) -> None:
    with with_login():
        assert user_in(cookies) == {}
        assert person_with(cookies) is None


@pytest.mark.parametrize("value", ["chunks-3", "chunks-999999999999", "[]", "7", "null", "{" * 5000, "\xff"])
def test_a_signed_cookie_of_anything_else_is_nobodys(value: str) -> None:
    with with_login():
        made = create_signed_value(COOKIE_SECRET, COOKIE, value).decode("latin-1")
        assert user_in({COOKIE: made}) == {}


def test_without_a_login_nobody_sees_it(private: Path) -> None:
    assert set(statuses(private, signed(claims("anna", **TEAM))).values()) == {404}
    assert folders_for(None, private.parent) == []


def test_it_is_kept_by_no_cache_and_a_public_one_by_all(login: None, private: Path) -> None:
    place = picture_place(read_manifest(private).fingerprint, private)
    with client(signed(claims("anna", **TEAM))) as visitor:
        address = f"/pictures/{place}/mug-red.webp"
        assert visitor.get(address).headers["cache-control"] == "private, no-store"
        # A proxy that keeps refusals would show nobody the picture for a while.
        with client({}) as stranger:
            assert stranger.get(address).headers["cache-control"] == "private, no-store"
        show_to(private, ())
        assert "public" in visitor.get(address).headers["cache-control"]


def test_where_a_login_is_required_a_public_bundle_is_served_to_nobody_else(
    login: None, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQID_LOGIN", "required")
    assert set(statuses(data_root / "tiny", {}).values()) == {404}
    assert statuses(data_root / "tiny", signed(claims("bo")))["picture"] == 200


def test_where_a_login_is_required_nobody_else_sends_files(login: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(cookies: dict[str, str]) -> int:
        route = Route("/_stcore/upload_file/{rest:path}", lambda _: PlainTextResponse("taken"), methods=["PUT"])
        with TestClient(Starlette(routes=[route], middleware=[bounded_messages()]), cookies=cookies) as visitor:
            return visitor.put("/_stcore/upload_file/session/file").status_code

    assert status({}) == 200
    monkeypatch.setenv("SQID_LOGIN", "required")
    assert (status({}), status(signed(claims("bo")))) == (403, 200)


def test_a_login_that_is_required_and_not_there_opens_nothing(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_LOGIN", "required")
    assert set(statuses(data_root / "tiny", signed(claims("bo"))).values()) == {404}
    assert folders_for(None, data_root) == []
    at = AppTest.from_file(APP, default_timeout=60).run()
    assert not at.exception
    assert "login is not set up" in at.error[0].value


def test_what_cannot_be_opened_is_nobodys_where_there_is_a_login(login: None, data_root: Path) -> None:
    (data_root / "tiny" / "manifest.json").write_text("{", encoding="utf-8")
    assert folders_for(None, data_root) == []


def test_acts_need_a_login_and_the_role_that_the_login_says(
    login: None, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of({"SQID_STATE": str(data_root.parent / "state")})
    monkeypatch.setenv("SQID_STATE", str(data_root.parent / "state"))
    make_book(store, data_root / "tiny", anybody=False)
    manifest = read_manifest(data_root / "tiny")
    asked = {"bundle": "tiny", "fingerprint": manifest.fingerprint, "book": "book1"}

    def status(**more: object) -> int:
        with client(signed(claims("anna", **more)) if more else {}) as visitor:
            return visitor.get("/judging/queue", params=asked).status_code

    assert (status(), status(groups=["judges"])) == (401, 403)
    judge = store.judge_of("https://login.example\nanna")
    assert judge is not None
    assert (judge.name, judge.role) == ("Anna", "viewer")
    store.grant(judge.id, "judge")
    assert status(groups=[]) == 200
    monkeypatch.setenv("SQID_ROLES", "groups=judges:judge")
    assert (status(groups=[]), status(groups=["judges"])) == (403, 200)


def test_who_signs_out_is_out_with_every_copy_of_the_cookie(login: None, private: Path) -> None:
    cookies = signed(claims("anna", **TEAM))
    again = signed(claims("anna", **TEAM) | {"iat": time.time() + 1})
    with client(cookies) as visitor:
        visitor.get("/auth/logout")
    assert set(statuses(private, cookies).values()) == {404}
    assert statuses(private, again)["picture"] == 200
