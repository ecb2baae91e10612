"""The secret by which a browser is known again: a cookie that comes with the page and that no script can read.

Without a login it is all that says who judges. It proves that this is the browser of before, and nothing about a name.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamlit import config

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAME = "sqid_judge"
_SECRET = re.compile(r"[A-Za-z0-9_-]{32,128}")
# No browser keeps one for longer; each page that is opened begins anew.
_KEPT_SECONDS = 400 * 24 * 3600


def secret_in(cookies: Mapping[str, str]) -> str:
    """The secret among some cookies, "" where there is none that this server would have set."""
    found = cookies.get(NAME)
    return found if isinstance(found, str) and _SECRET.fullmatch(found) else ""


class KnownAgain:
    """ASGI middleware: every document comes with the visitor's secret, a new one where there is none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection or request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_document(message):
                line = cookie_line(_secret_of(scope) or secrets.token_urlsafe(32), _is_secure(scope))
                message = {**message, "headers": [*message["headers"], (b"set-cookie", line.encode("latin-1"))]}
            await send(message)

        await self._app(scope, receive, sent)


def known_again() -> Middleware:
    """The middleware, as `st.App` takes it."""
    from starlette.middleware import Middleware

    return Middleware(KnownAgain)


def cookie_line(secret: str, secure: bool) -> str:
    """The header that sets the secret. secure: over https, where the app may also stand in a frame of another site,
    which gets a secret of its own for each site around it."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    kind = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    return f"{NAME}={secret}; Path=/{base}; Max-Age={_KEPT_SECONDS}; HttpOnly; {kind}"


def _headers(scope: Scope) -> dict[bytes, str]:
    return {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}


def _is_document(message: Message) -> bool:
    kinds = [value for name, value in message.get("headers", ()) if name.lower() == b"content-type"]
    return message["status"] == 200 and bool(kinds) and kinds[0].lower().startswith(b"text/html")


def _secret_of(scope: Scope) -> str:
    from starlette.requests import Request

    return secret_in(Request(scope).cookies)


def _is_secure(scope: Scope) -> bool:
    """Whether the browser speaks https, if only to a proxy before this server."""
    told = _headers(scope).get(b"x-forwarded-proto", "").split(",")[0].strip().lower()
    return (told or scope.get("scheme")) == "https"
