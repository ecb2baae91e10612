"""What a chat/completions endpoint sends back: the text of the answer, what it cost, or the words of a refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from precompute.ask.reading import clean
from precompute.ask.spending import Tokens
from sqid_core.wording import short

_MOST_TOKENS = 10**9
_LONGEST_WORDS = 200


class NoReplyError(Exception):
    """The body is no chat completion; the text says what it is instead."""


@dataclass(frozen=True)
class Reply:
    """text: of the model's answer. used: None where the endpoint does not say. cut: whether it was as long as is
    allowed, and not at its end."""

    text: str
    used: Tokens | None
    cut: bool = False


def read_reply(body: bytes) -> Reply:
    """Raises NoReplyError for what is no chat completion."""
    value = _parsed(body)
    if not isinstance(value, dict):
        raise NoReplyError("no JSON object")
    choice = _choice(value)
    message = choice.get("message")
    if not isinstance(message, dict):
        words = error_words(body)
        raise NoReplyError(f"an error: {words}" if words else "JSON without choices")
    return Reply(_text(message), _tokens(value.get("usage")), choice.get("finish_reason") == "length")


def error_words(body: bytes) -> str:
    """What an error's body says, on one line and not for long; "" where it says nothing that is for people."""
    value = _parsed(body)
    for name in ("error", "message", "detail"):
        value = value.get(name, value) if isinstance(value, dict) else value
    words = value if isinstance(value, str) else json.dumps(value) if isinstance(value, list) else ""
    plain = "".join(letter if letter.isprintable() else " " for letter in clean(words))
    return short(plain, _LONGEST_WORDS)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _choice(value: dict[str, Any]) -> dict[str, Any]:
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _text(message: dict[str, Any]) -> str:
    """The content, which some send in parts; "" for none, as where a model refuses."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def _tokens(usage: Any) -> Tokens | None:
    if not isinstance(usage, dict):
        return None
    sent, back = (_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    return None if sent is None or back is None else Tokens(sent, back)


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS
    return value if good else None
