"""The key of an endpoint: from the environment alone, and in nothing that is printed or stored."""

from __future__ import annotations

from collections.abc import Mapping

from sqid_core.errors import InputError

VARIABLE = "SQID_JUDGE_KEY"
_LONGEST = 8_000
# What servers on one's own machine take for a key ("x", "none") is no secret, and a word of many texts.
_SHORTEST_SECRET = 8
_HIDDEN = "[key]"


class Key:
    """A key that shows itself nowhere but in the header that it is for. "": there is none."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Key(…)" if self._value else "Key()"

    def __bool__(self) -> bool:
        return bool(self._value)

    def headers(self) -> dict[str, str]:
        """What a request carries."""
        return {"Authorization": f"Bearer {self._value}"} if self._value else {}

    def hidden_in(self, text: str) -> str:
        """The text without the key, as a server may repeat what it was sent."""
        return text.replace(self._value, _HIDDEN) if len(self._value) >= _SHORTEST_SECRET else text


def key_of(environment: Mapping[str, str]) -> Key:
    """Raises InputError for what no header can hold, without repeating it."""
    value = environment.get(VARIABLE, "").strip()
    if len(value) > _LONGEST or not (value.isascii() and value.isprintable()) or " " in value:
        raise InputError(f"{VARIABLE} holds what no key can be (blanks, a line's end, other letters); set it again")
    return Key(value)
