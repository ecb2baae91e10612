"""Who signs in comes back to the page of this app that he left, and to no other address."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from sqid_ui.login.returning import NAME, page_of, returning


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/auth/login", lambda _: RedirectResponse("https://login.example/", 302)),
        Route("/oauth2callback", lambda _: RedirectResponse("/", 302)),
    ]
    return TestClient(Starlette(routes=routes, middleware=[returning()]), follow_redirects=False)


def test_there_and_back(client: TestClient) -> None:
    page = "/compare?bundle=demo&q=red%20mug%20%26%20caf%C3%A9&w=0.3"
    out = client.get("/auth/login?provider=x", headers={"referer": f"http://testserver{page}"})
    assert out.headers["location"] == "https://login.example/"
    assert "HttpOnly; SameSite=Lax" in out.headers["set-cookie"]
    back = client.get("/oauth2callback?code=1")
    assert back.headers["location"] == page
    assert "Max-Age=0" in back.headers["set-cookie"]


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/compare", "http://[", "http://testserver.example/"])
def test_no_other_site_is_noted(client: TestClient, referer: str) -> None:
    assert "set-cookie" not in client.get("/auth/login", headers={"referer": referer}).headers


@pytest.mark.parametrize(
    "cookie",
    ["https://elsewhere.example/", "//elsewhere.example/", "/%5Celsewhere.example", "\\elsewhere", "", "x" * 9000],
)
def test_a_cookie_leads_nowhere_else(client: TestClient, cookie: str) -> None:
    back = client.get("/oauth2callback", headers={"cookie": f"{NAME}={cookie}"})
    assert back.headers["location"] == "/"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://a/b?c=d#e", "/b?c=d"),
        ("http://a/b\r\nset-cookie: x", "/bset-cookie%3A%20x"),
        ("http://a/<b>?<c>", "/%3Cb%3E?%3Cc%3E"),
        ("http://a//elsewhere.example", ""),
    ],
)
def test_a_page_is_an_address_and_nothing_more(address: str, page: str) -> None:
    assert page_of(address, "a", "/") == page
