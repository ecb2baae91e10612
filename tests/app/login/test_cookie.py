"""The secret by which a browser is known again: set with the page, once, for scripts out of reach."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from sqid_ui.login import cookie


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/judge", lambda _: HTMLResponse("<p>")), Route("/health", lambda _: PlainTextResponse("ok"))]
    return TestClient(Starlette(routes=routes, middleware=[cookie.known_again()]))


def parts(line: str) -> dict[str, str]:
    return dict(part.strip().partition("=")[::2] for part in line.split(";"))


def test_a_document_brings_a_secret_that_stays(client: TestClient) -> None:
    first = parts(client.get("/judge").headers["set-cookie"])
    assert {"HttpOnly", "Max-Age", "Path", "SameSite"} < set(first)
    assert (first["SameSite"], first["Path"], "Secure" in first) == ("Lax", "/", False)
    assert cookie.secret_in({cookie.NAME: first[cookie.NAME]})
    assert parts(client.get("/judge").headers["set-cookie"])[cookie.NAME] == first[cookie.NAME]
    client.cookies.clear()
    assert parts(client.get("/judge").headers["set-cookie"])[cookie.NAME] != first[cookie.NAME]


def test_over_https_it_also_works_in_a_frame_of_another_site(client: TestClient) -> None:
    line = client.get("/judge", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert line.endswith("HttpOnly; SameSite=None; Secure; Partitioned")


def test_nothing_else_brings_one(client: TestClient) -> None:
    for answer in (client.get("/health"), client.get("/nothing"), client.post("/judge")):
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("found", ["", "short", "a b" * 20, "é" * 40, "x" * 500, "x" * 40 + ";"])
def test_what_this_server_would_not_have_set_is_none(found: str) -> None:
    assert cookie.secret_in({cookie.NAME: found}) == ""


def test_a_strange_cookie_does_no_harm(client: TestClient) -> None:
    answer = client.get("/judge", headers={"cookie": 'a="; sqid_judge=<b>; =; ;;'})
    assert cookie.secret_in({cookie.NAME: parts(answer.headers["set-cookie"])[cookie.NAME]})


def test_it_belongs_to_the_apps_own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookie.config, "get_option", lambda name: "/shop/" if name == "server.baseUrlPath" else None)
    assert "Path=/shop;" in cookie.cookie_line("x" * 40, secure=False)
