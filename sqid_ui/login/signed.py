"""Streamlit's cookie of who is signed in, for what comes beside its pages: pictures, maps, acts, signing out.

`st.user` is a page's; a route has the cookies alone. They are opened as Streamlit opens them, by its own functions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from sqid_ui.login.person import Person

_MOST_CHUNKS = 16


def user_in(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the signed cookie says, as `st.user` has it; {} where there is none, or somebody changed it."""

    def opened(name: str) -> bytes | None:
        found = cookies.get(name)
        return (
            None
            if found is None
            else decode_signed_value(get_cookie_secret(), name, found.encode("latin-1", "replace"))
        )

    chunks = sum(name.startswith(USER_COOKIE_NAME) for name in cookies)
    try:
        value = get_cookie_with_chunks(opened, USER_COOKIE_NAME) if chunks <= 2 * _MOST_CHUNKS else None
        found = json.loads(value) if value else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class SignedOut:
    """Sign-ins that their owners ended: a copy of such a cookie opens nothing more, nor does a page that stayed open.

    Kept while the server runs, and no longer than a sign-in is good for.
    """

    def __init__(self) -> None:
        self._ended: dict[tuple[str, float], float] = {}
        self._lock = Lock()

    def note(self, person: Person, seconds: float) -> None:
        """This sign-in has ended; it would have been good for at most so many seconds."""
        with self._lock:
            now = time.monotonic()
            self._ended = {login: until for login, until in self._ended.items() if until > now}
            self._ended[person.login] = now + seconds

    def __contains__(self, person: Person) -> bool:
        return person.login in self._ended


# One a server, as its cookies' secret is.
SIGNED_OUT = SignedOut()
