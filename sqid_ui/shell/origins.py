"""Which pages may open a connection: the app's own.

Streamlit itself asks an outside address for the server's own where an Origin is foreign, in its event loop: three such
handshakes on a machine without a network held every visitor up for 48 seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streamlit import config

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.types import ASGIApp, Receive, Scope, Send

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})
_POLICY_VIOLATION = 1008


class OwnOrigins:
    """ASGI middleware: a WebSocket of a foreign page is refused before Streamlit sees it (the browser gets 403)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "websocket" and not _is_own(scope):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "foreign Origin"})
            return
        await self._app(scope, receive, send)


def own_origins_only() -> Middleware:
    """The middleware, as `st.App` takes it."""
    from starlette.middleware import Middleware

    return Middleware(OwnOrigins)


def _is_own(scope: Scope) -> bool:
    headers = {name.lower(): value.decode("latin-1").strip() for name, value in scope.get("headers", ())}
    return b"origin" not in headers or is_own_origin(headers[b"origin"], headers.get(b"host", ""))


def is_own_origin(origin: str, host: str) -> bool:
    """Whether a page of this origin may connect to the server at this Host: the same, this machine, the address that
    was set, or one that server.corsAllowedOrigins names."""
    if not config.get_option("server.enableCORS"):
        return True
    try:
        found = urlsplit(origin)
        name = found.hostname
    except ValueError:
        return False
    if found.scheme not in ("http", "https") or not name:
        return False
    allowed = {str(each).strip().rstrip("/") for each in config.get_option("server.corsAllowedOrigins") or ()}
    address = str(config.get_option("browser.serverAddress") or "")
    return (
        found.netloc.lower() == host.lower()
        or name in _THIS_MACHINE
        or name == address.lower()
        or origin.rstrip("/") in allowed
        or name in {urlsplit(each).hostname for each in allowed}
    )
