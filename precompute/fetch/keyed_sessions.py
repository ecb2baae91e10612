"""Sessions that carry a key in the header that it is for, and show it nowhere else."""

from __future__ import annotations

import threading
from typing import Protocol

import requests


class HeaderKey(Protocol):
    """A key of an endpoint."""

    def headers(self) -> dict[str, str]:
        """What a request carries."""
        ...

    def hidden_in(self, text: str) -> str:
        """The text without the key."""
        ...


class KeyedSessions:
    """One session a thread, for JSON. is_local: whether the endpoint is on this machine."""

    def __init__(self, key: HeaderKey, agent: str, is_local: bool) -> None:
        self._key, self._agent, self._is_local = key, agent, is_local
        self._local = threading.local()

    def mine(self) -> requests.Session:
        """That of the thread that asks."""
        if not hasattr(self._local, "session"):
            session = requests.Session()
            headers = {"User-Agent": self._agent, "Accept": "application/json", "Content-Type": "application/json"}
            session.headers.update({**headers, "Accept-Encoding": "identity"})
            # Not the password that .netrc may have for this host; and no proxy between this machine and itself.
            session.auth = self._sign
            session.trust_env = not self._is_local
            self._local.session = session
        found: requests.Session = self._local.session
        return found

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._key.headers())
        return request


def hidden(key: HeaderKey, address: str, text: str) -> str:
    """A text of the network's without the key, and without what stands in the address behind its path."""
    query = address.partition("?")[2]
    return key.hidden_in(text.replace(query, "…") if query else text)
