"""What an engine asks who one is by: from the environment alone, and in nothing that is printed or stored."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from sqid_core.errors import InputError

VARIABLE = "SQID_ENGINE_KEY"
_SCHEMES = ("basic ", "bearer ", "apikey ")
_LONGEST = 8_000
_HIDDEN = "[key]"
_SHORTEST_SECRET = 4


class EngineKey:
    """The value of the header Authorization, which shows itself nowhere else; "" where there is none."""

    __slots__ = ("_header", "_secrets")

    def __init__(self, value: str) -> None:
        name, colon, _ = value.partition(":")
        if value.lower().startswith(_SCHEMES):
            self._header = value
        elif colon and name:
            self._header = f"Basic {base64.b64encode(value.encode()).decode()}"
        else:
            self._header = f"Bearer {value}" if value else ""
        self._secrets = (value, self._header, self._header.partition(" ")[2], value.partition(":")[2])

    def __repr__(self) -> str:
        return "EngineKey(…)" if self else "EngineKey()"

    def __bool__(self) -> bool:
        return bool(self._header)

    def headers(self) -> dict[str, str]:
        """What a request carries."""
        return {"Authorization": self._header} if self._header else {}

    def hidden_in(self, text: str) -> str:
        """The text without the key, as a server may repeat what it was sent."""
        for secret in self._secrets:
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, _HIDDEN)
        return text


def engine_key_of(environment: Mapping[str, str]) -> EngineKey:
    """user:password, a bearer token, or a whole header (ApiKey …). Raises InputError for what no header can hold,
    without repeating it."""
    value = environment.get(VARIABLE, "").strip()
    if len(value) > _LONGEST or not (value.isascii() and value.isprintable()):
        raise InputError(f"{VARIABLE} holds what no key can be (a line's end, other letters); set it again")
    return EngineKey(value)
