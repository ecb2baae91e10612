"""A foreign page's WebSocket ends before Streamlit asks the internet for this machine's address."""

from __future__ import annotations

from typing import Any

import pytest
from coroutines import finished
from streamlit import net_util

from sqid_ui.shell.origins import OwnOrigins, is_own_origin


@pytest.fixture(autouse=True)
def _no_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the internet was asked")

    monkeypatch.setattr(net_util, "get_external_ip", asked)


OWN = [
    ("http://shop.example:8501", "shop.example:8501"),
    ("https://shop.example", "shop.example"),
    ("https://SHOP.example", "shop.example"),
    ("http://localhost:3000", "shop.example"),
    ("http://127.0.0.1:8501", "127.0.0.1:8501"),
    ("http://[::1]:8501", "[::1]:8501"),
]
FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "file://",
    "http://[bad",
    "https://shop.example.evil.example",
    "shop.example",
]


@pytest.mark.parametrize(("origin", "host"), OWN)
def test_own_pages_connect(origin: str, host: str) -> None:
    assert is_own_origin(origin, host)


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_pages_do_not(origin: str) -> None:
    assert not is_own_origin(origin, "shop.example")


def test_what_the_operator_allows_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"server.enableCORS": True, "server.corsAllowedOrigins": ["https://frame.example"]}
    monkeypatch.setattr("sqid_ui.shell.origins.config.get_option", options.get)
    assert is_own_origin("https://frame.example", "shop.example")
    assert not is_own_origin("https://evil.example", "shop.example")
    options["server.enableCORS"] = False
    assert is_own_origin("https://evil.example", "shop.example")


def connection(kind: str, **headers: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What is sent on one connection, and which of them reach the app behind."""
    sent: list[dict[str, Any]] = []
    reached: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["type"])

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    finished(OwnOrigins(app)(scope, receive, send))
    return sent, reached


def test_only_foreign_websockets_end_here() -> None:
    sent, reached = connection("websocket", origin="https://evil.example", host="shop.example")
    assert ([message["type"] for message in sent], reached) == (["websocket.close"], [])
    for kind, headers in (
        ("websocket", {"origin": "https://shop.example", "host": "shop.example"}),
        ("websocket", {"host": "shop.example"}),
        ("http", {"origin": "https://evil.example", "host": "shop.example"}),
        ("lifespan", {}),
    ):
        assert connection(kind, **headers) == ([], [kind])
