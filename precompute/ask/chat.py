"""Asking an endpoint that speaks OpenAI's chat/completions, from many threads, as patiently as every download.

What servers differ in is found out by asking: the form of the answer is demanded by a JSON Schema, then as JSON, then
by words alone; the length is bounded under the new name or the old one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from precompute.ask.endpoint import Endpoint
from precompute.ask.endpoint_key import Key
from precompute.ask.prompt import Messages
from precompute.ask.replies import NoReplyError, Reply, error_words, read_reply
from precompute.ask.spending import NOTHING, Purse, Tokens
from precompute.fetch.answers import arriving
from precompute.fetch.host import Host
from precompute.fetch.keyed_sessions import KeyedSessions, hidden
from precompute.fetch.retries import Again, Patience, Unavailable, check_status, connection_faults

_AGENT = "sqid-explorer (judging)"
_LONGEST_BODY = 1_000_000
# Of these statuses the next question gets the same: the address, the key or the account is wrong.
_FOR_ALL = frozenset({*range(300, 400), 401, 402, 403, 404, 405, 407, 410})
# These may be about the form in which it was asked.
_FORM = frozenset({400, 404, 415, 422, 501})
_OLD, _NEW = "max_tokens", "max_completion_tokens"
_NO_MONEY = "insufficient_quota"
_LOST_AFTER = 5


class UnansweredError(Exception):
    """No answer to this question, after all tries; it may be asked again some other time."""


class DeclinedError(Exception):
    """The endpoint will not answer this question."""


class ClosedError(Exception):
    """The endpoint will answer no question. The text is a sentence for people."""


class HaltedError(Exception):
    """Not asked: the budget does not reach, or the work is to end."""


class _RefusedError(Exception):
    """status: 0 where there was no answer. words: the server's, without the key."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True)
class Manner:
    """How a model is asked. longest: tokens of an answer. temperature: None leaves it to the endpoint, as some models
    refuse any. seconds: for one whole answer."""

    model: str
    longest: int = 1000
    temperature: float | None = None
    seconds: float = 120.0


@dataclass(frozen=True)
class _Form:
    """What an endpoint understands. demand: 0 by schema, 1 as JSON, 2 by words alone. length: the field's name; the
    old one first, as servers that do not know the new one pass over it and answer without a bound."""

    demand: int = 0
    length: str = _OLD

    def fields(self, schema: Mapping[str, Any], longest: int) -> dict[str, Any]:
        by_schema = {"name": "judgement", "strict": True, "schema": dict(schema)}
        demands = ({"type": "json_schema", "json_schema": by_schema}, {"type": "json_object"})
        asked = {"response_format": demands[self.demand]} if self.demand < len(demands) else {}
        return {self.length: longest, **asked}

    def simpler(self, words: str) -> _Form | None:
        """The next form to try after a refusal in these words; None where there is none."""
        if self.length == _OLD and _NEW in words:
            return replace(self, length=_NEW)
        if self.demand < 2:
            return replace(self, demand=self.demand + 1)
        return _Form(0, _NEW) if self.length == _OLD else None


@dataclass(eq=False)
class Chat:
    """An endpoint and how it is asked; one for all threads. stop: set to end every wait."""

    endpoint: Endpoint
    key: Key
    manner: Manner
    purse: Purse
    patience: Patience = field(default_factory=Patience)
    stop: threading.Event = field(default_factory=threading.Event)
    _host: Host = field(default_factory=lambda: Host(_LOST_AFTER))
    _form: _Form = field(default_factory=_Form)
    _sessions: KeyedSessions = field(init=False)

    def __post_init__(self) -> None:
        self._sessions = KeyedSessions(self.key, _AGENT, self.endpoint.is_local)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be asked."""
        return self.stop.is_set() or self.purse.exhausted

    def ask(self, messages: Messages, schema: Mapping[str, Any], most: Tokens) -> Reply:
        """The answer. most: what one try costs at most. Raises UnansweredError, DeclinedError, ClosedError and
        HaltedError, and nothing else for what a server does."""
        try:
            return self._in_some_form(messages, schema, most)
        except ClosedError:
            # Before anybody asks the next question in vain.
            self.stop.set()
            raise

    def _in_some_form(self, messages: Messages, schema: Mapping[str, Any], most: Tokens) -> Reply:
        form = self._form
        while True:
            try:
                reply = self._patiently(self._body(messages, form.fields(schema, self.manner.longest)), most)
            except _RefusedError as refusal:
                simpler = form.simpler(refusal.words) if refusal.status in _FORM else None
                if simpler is None:
                    raise self._meaning(refusal) from None
                form = simpler
            else:
                self._form = form
                return reply

    def _patiently(self, body: bytes, most: Tokens) -> Reply:
        """One question in one form, tried again where that is worth it. Raises _RefusedError too."""
        reason = "does not answer"
        for failed in range(1, self.patience.attempts + 1):
            while (pause := self._host.pause()) and not self.stop.wait(pause):
                pass
            try:
                reply = self._paid(body, most)
            except Again as error:
                reason = self.hidden(str(error))
                if failed >= (self.patience.unreachable if error.unreachable else self.patience.attempts):
                    break
                wait = self.patience.wait(failed, error.wait)
                if error.busy:
                    self._host.leave_alone(wait)
                else:
                    self.stop.wait(wait)
            else:
                self._host.note(answered=True)
                return reply
        self._host.note(answered=False)
        if self._host.lost:
            raise ClosedError(f"{self.endpoint.host} {reason} again and again; check --endpoint, or try again later")
        raise UnansweredError(reason)

    def _paid(self, body: bytes, most: Tokens) -> Reply:
        """One try, counted. Raises Again, _RefusedError and HaltedError."""
        taken = None if self.stop.is_set() else self.purse.reserve(most)
        if taken is None:
            raise HaltedError
        used: Tokens | None = NOTHING
        try:
            try:
                answer, content = self._exchange(body)
            except Again as error:
                # Silence may cost: the question arrived, perhaps, and was answered to nobody.
                used = NOTHING if error.unreachable else None
                raise
            self._check(answer, content)
            used = None
            reply = read_reply(content)
            used = reply.used
        except NoReplyError as error:
            raise Again(f"gave {error}") from None
        finally:
            self.purse.settle(taken, used)
        return replace(reply, text=self.key.hidden_in(reply.text))

    def _exchange(self, body: bytes) -> tuple[requests.Response, bytes]:
        """Sends a question. Raises Again, and _RefusedError where the address cannot be asked at all."""
        timeout = (self.patience.connect_seconds, self.manner.seconds)
        try:
            with (
                connection_faults(),
                # A redirect would take the key to where it was not meant to go.
                self._sessions.mine().post(
                    self.endpoint.address, data=body, stream=True, timeout=timeout, allow_redirects=False
                ) as answer,
            ):
                return answer, self._content(answer)
        except Unavailable as error:
            raise _RefusedError(0, self.hidden(str(error))) from None

    def _content(self, answer: requests.Response) -> bytes:
        """The body, which a server may send without end or very slowly: raises Again."""
        content = bytearray()
        for piece in arriving(answer, self.manner.seconds):
            content += piece
            if len(content) > _LONGEST_BODY:
                raise Again(f"sent more than {_LONGEST_BODY:,} bytes")
        return bytes(content)

    def _check(self, answer: requests.Response, content: bytes) -> None:
        """Raises Again, or _RefusedError with the server's words."""
        words = self.hidden(error_words(content))
        if answer.status_code == 429 and _NO_MONEY in content.decode("utf-8", "replace"):
            raise _RefusedError(402, words)
        try:
            check_status(answer)
        except Unavailable as error:
            raise _RefusedError(error.status, words) from None

    def _meaning(self, refusal: _RefusedError) -> Exception:
        """What a refusal means for the other questions."""
        if not refusal.status:
            return ClosedError(f"{self.endpoint.host} {refusal.words}; check --endpoint")
        said = f" (it says: {refusal.words})" if refusal.words else ""
        if refusal.status in _FOR_ALL:
            return ClosedError(f"{self.endpoint.host} {_told(refusal.status)}{said}")
        return DeclinedError(f"answered {refusal.status}{said}")

    def _body(self, messages: Messages, fields: Mapping[str, Any]) -> bytes:
        warmth = {} if self.manner.temperature is None else {"temperature": self.manner.temperature}
        return json.dumps({"model": self.manner.model, "messages": messages, **warmth, **fields}).encode()

    def hidden(self, text: str) -> str:
        """A text of the network's without the key, and without what stands in the address behind its path."""
        return hidden(self.key, self.endpoint.address, text)


def _told(status: int) -> str:
    if status < 400:
        return f"answered {status}, a redirect, which is not followed: give --endpoint the address that it leads to"
    if status in (401, 403, 407):
        return f"answered {status}: check the key in SQID_JUDGE_KEY and what it is allowed"
    if status == 402:
        return "wants money: the account has none left"
    return f"answered {status}: check --endpoint and --model"
