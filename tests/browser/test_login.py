"""Signing in at a real OpenID provider, in a real browser: in, out, too late, for another app, with a changed cookie,
and with a role that changes meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oidc_provider_mock._app as mock
import pytest
from browsing import PATIENCE, chromium, free_port, settled, started
from fixtures import build_tiny_bundle
from judging_app import make_book
from provider import CLIENT, auth_section, change, provider, secrets_file

from precompute.steps.access import show_to
from sqid_core.bundle.manifest import read_manifest
from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store
from sqid_ui.parts.picture_addresses import picture_place

pytestmark = pytest.mark.browser
ANNA = {"name": "Anna Example", "email": "anna@example.org", "groups": ["team"]}
BO = {"name": "Bo", "email": "bo@example.org"}
COOKIE = "_streamlit_user"


@dataclass(frozen=True)
class Server:
    """An app with a login, a public and a private bundle, and its store. provider: its address."""

    address: str
    provider: str
    private: Path
    store: Store

    @property
    def picture(self) -> str:
        place = picture_place(read_manifest(self.private).fingerprint, self.private)
        return f"{self.address}pictures/{place}/mug-red.webp"


@contextmanager
def app_with_login(folder: Path, **environment: str) -> Iterator[Server]:
    chromium()
    build_tiny_bundle(folder / "data" / "shown")
    private = build_tiny_bundle(folder / "data" / "team")
    show_to(private, ["groups=team"])
    store, port = open_store(folder / "state"), free_port()
    make_book(store, folder / "data" / "shown", anybody=False)
    with ExitStack() as stack:
        signs_in = stack.enter_context(provider(anna=ANNA, bo=BO))
        secrets = secrets_file(folder / "secrets.toml", auth_section(signs_in, f"http://127.0.0.1:{port}"))
        options = f"--secrets.files={secrets}"
        app = started(folder / "data", port, options, SQID_STATE=str(folder / "state"), **environment)
        address, _ = stack.enter_context(app)
        yield Server(address, signs_in, private, store)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with app_with_login(tmp_path_factory.mktemp("login")) as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    found = context.new_page()
    found.set_default_timeout(PATIENCE)
    yield found
    context.close()


def offers(page: Any, name: str) -> bool:
    """Whether the navigation has a page of this name."""
    settled(page)
    return bool(page.locator("[data-testid=stTopNavLink]").filter(has_text=name).count())


def sign_in(page: Any, server: Server, who: str, link: str = "account") -> None:
    """Through the page at a link, where nobody is signed in."""
    page.goto(server.address + link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=who).click()
    page.wait_for_url(f"{server.address}**")
    settled(page)


def bundles(page: Any, server: Server) -> str:
    """What a page of the private bundle says of bundles."""
    page.goto(f"{server.address}about?bundle=team")
    page.get_by_role("heading").first.wait_for()
    settled(page)
    return str(page.locator("body").inner_text())


def status(page: Any, address: str) -> int:
    return int(page.request.get(address).status)


def test_in_and_out_again(page: Any, server: Server) -> None:
    page.goto(f"{server.address}about")
    page.get_by_role("heading").first.wait_for()
    assert (offers(page, "Search"), offers(page, "Sign in"), offers(page, "Judge")) == (True, True, False)
    assert "The link names a bundle that is not here" in bundles(page, server)
    assert status(page, server.picture) == 404

    sign_in(page, server, "anna", "judge?bundle=team&view=books")
    assert page.url == f"{server.address}judge?bundle=team"
    assert (offers(page, "Judge"), offers(page, "Account"), offers(page, "Sign in")) == (True, True, False)
    assert "not here" not in bundles(page, server)
    assert status(page, server.picture) == 200
    judge = next(each for each in server.store.judges().values() if each.name == "Anna Example")
    assert judge.role == "viewer"

    cookies = page.context.cookies()
    left_open = page.context.new_page()
    left_open.goto(f"{server.address}about?bundle=team")
    left_open.get_by_role("heading").first.wait_for()
    page.goto(f"{server.address}account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{server.provider}/**")
    assert status(page, server.picture) == 404
    # A page that stayed open, and a copy of the cookie.
    left_open.get_by_role("link", name="Dataset").click()
    left_open.get_by_text("The link names a bundle that is not here").or_(
        left_open.get_by_role("link", name="Sign in")
    ).first.wait_for()
    page.context.add_cookies(cookies)
    assert status(page, server.picture) == 404
    assert "not here" in bundles(page, server)


def test_another_person_sees_another_list(page: Any, server: Server) -> None:
    sign_in(page, server, "bo")
    assert page.get_by_role("heading", name="Bo").is_visible()
    assert "not here" in bundles(page, server)
    assert status(page, server.picture) == 404


def test_who_is_turned_away_stays_nobody(page: Any, server: Server) -> None:
    page.goto(f"{server.address}account")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{server.address}**")
    assert not offers(page, "Account")


def test_a_token_for_another_app_is_no_login(page: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = mock.OpenIDCode.get_jwt_config
    other = {"aud": [f"not {CLIENT}"]}
    monkeypatch.setattr(mock.OpenIDCode, "get_jwt_config", lambda *asked: usual(*asked) | other)
    sign_in(page, server, "anna")
    assert not offers(page, "Account")
    assert not any(cookie["name"] == COOKIE for cookie in page.context.cookies())


def test_a_changed_cookie_is_no_login(page: Any, server: Server) -> None:
    sign_in(page, server, "anna")
    cookie = next(each for each in page.context.cookies() if each["name"] == COOKIE)
    value = cookie["value"]
    page.context.add_cookies([cookie | {"value": value[:20] + ("A" if value[20] != "A" else "B") + value[21:]}])
    assert status(page, server.picture) == 404
    assert "not here" in bundles(page, server)
    assert not offers(page, "Account")


def test_a_role_that_changes_holds_at_once(page: Any, server: Server) -> None:
    sign_in(page, server, "bo", "judge?bundle=shown&book=book1")
    page.get_by_text("is for those who were made judges").wait_for()
    bo = next(each for each in server.store.judges().values() if each.name == "Bo")
    manifest = read_manifest(server.private.parent / "shown")
    asked = f"judging/queue?bundle={manifest.name}&fingerprint={manifest.fingerprint}&book=book1"
    assert status(page, server.address + asked) == 403
    server.store.grant(bo.id, "judge")
    assert status(page, server.address + asked) == 200
    page.reload()
    page.locator(".desk .where:not(:empty)").wait_for()
    server.store.grant(bo.id, "viewer")
    assert status(page, server.address + asked) == 403


def test_a_login_ends_and_one_that_is_required_shows_nothing(tmp_path: Path, page: Any) -> None:
    hours = 12 / 3600
    with app_with_login(
        tmp_path, SQID_LOGIN="required", SQID_LOGIN_HOURS=str(hours), SQID_ROLES="groups=team:lead"
    ) as server:
        shown = server.picture.replace(server.private.name, "shown")
        page.goto(f"{server.address}compare?bundle=shown")
        page.get_by_role("button", name="Sign in").wait_for()
        assert not offers(page, "")  # one page alone, which has a button
        assert status(page, shown) == 404
        sign_in(page, server, "anna")
        began = time.monotonic()
        assert "makes books" in page.locator("body").inner_text()
        assert status(page, server.picture) == 200
        change(server.provider, "anna", **{**ANNA, "groups": []})
        page.wait_for_timeout(max(hours * 3600 - (time.monotonic() - began), 0) * 1000 + 500)
        assert status(page, server.picture) == 404
        page.get_by_role("link", name="Search").click()
        page.get_by_role("button", name="Sign in").wait_for()
        sign_in(page, server, "anna")
        assert "judges in books that are for anybody" in page.locator("body").inner_text()
        assert status(page, server.picture) == 404


def test_a_space_tells_its_login_by_variables(tmp_path: Path, page: Any) -> None:
    build_tiny_bundle(tmp_path / "data" / "shown")
    with provider(anna=ANNA) as signs_in:
        space = {
            "OAUTH_CLIENT_ID": "of the Space",
            "OAUTH_CLIENT_SECRET": "known to both",
            "OPENID_PROVIDER_URL": signs_in,
            "SPACE_HOST": "owner-name.hf.space",
        }
        with started(tmp_path / "data", free_port(), **space) as (address, _):
            page.goto(f"{address}account")
            page.get_by_text("in a window of its own").wait_for()
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Authorize Client").wait_for()
            assert "redirect_uri=https%3A%2F%2Fowner-name.hf.space%2Foauth2callback" in page.url
            assert "client_id=of+the+Space" in page.url
