"""Signing in and out, around Streamlit's own routes: who signs in comes back to where he was, who signs out is out.

Streamlit sends everybody to the app's first page, so a link that somebody was sent would be lost at the provider's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from sqid_ui.login.configured import login_settings
from sqid_ui.login.signed import SIGNED_OUT
from sqid_ui.login.who import person_with
from sqid_ui.parts.picture_addresses import app_path

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "sqid_back"
_LOGIN, _LOGOUT, _CALLBACK = "auth/login", "auth/logout", "oauth2callback"
# How long a provider may take, and what a browser takes as a cookie.
_WAITS_S, _LONGEST = 600, 3_000


class Returning:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection or request."""
        if scope["type"] != "http" or scope["path"] not in map(app_path, (_LOGIN, _LOGOUT, _CALLBACK)):
            await self._app(scope, receive, send)
            return
        from starlette.requests import Request

        request = Request(scope)
        if scope["path"] == app_path(_LOGOUT):
            _end(request)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 302:
                message = {**message, "headers": _headers(request, message["headers"])}
            await send(message)

        await self._app(scope, receive, sent)


def returning() -> Middleware:
    """The middleware, as `st.App` takes it."""
    from starlette.middleware import Middleware

    return Middleware(Returning)


def _end(request: Request) -> None:
    person, settings = person_with(request.cookies), login_settings()
    if person and settings:
        SIGNED_OUT.note(person, settings.hours * 3600)


def _headers(request: Request, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a redirection: on the way out with the page that was left, on the way back to it."""
    path, home = request.url.path, app_path("")
    if path == app_path(_LOGIN):
        left = page_of(request.headers.get("referer", ""), request.headers.get("host", ""), home)
        return [*headers, (b"set-cookie", _cookie(quote(left, safe="/"), _WAITS_S))] if left else headers
    back = page_of(unquote(request.cookies.get(NAME, "")), "", home)
    if path != app_path(_CALLBACK) or not back:
        return headers
    leads = [(name, back.encode() if name.lower() == b"location" else value) for name, value in headers]
    return [*leads, (b"set-cookie", _cookie("", 0))]


def page_of(address: str, host: str, home: str) -> str:
    """The path and query of an address of this app; "" for any other. host: "" for an address without one."""
    try:
        found = urlsplit(address)
    except ValueError:
        return ""
    path = quote(found.path, safe="/%")
    inside = path.startswith(home) and not path.startswith("//") and "\\" not in found.path and len(address) <= _LONGEST
    if found.netloc.lower() != host.lower() or not inside:
        return ""
    return path + (f"?{quote(found.query, safe='=&%+')}" if found.query else "")


def _cookie(value: str, seconds: int) -> bytes:
    return f"{NAME}={value}; Path={app_path('')}; Max-Age={seconds}; HttpOnly; SameSite=Lax".encode(
        "latin-1", "replace"
    )
