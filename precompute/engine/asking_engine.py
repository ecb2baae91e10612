"""One query put to a live engine, from many threads, as patiently as every download."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from precompute.ask.replies import error_words
from precompute.engine.engine_key import VARIABLE, EngineKey
from precompute.engine.json_path import JsonPath
from precompute.engine.request import Template
from precompute.fetch.answers import arriving
from precompute.fetch.host import Host
from precompute.fetch.keyed_sessions import KeyedSessions, hidden
from precompute.fetch.retries import Again, Patience, Unavailable, check_status, connection_faults
from precompute.read.json_files import plain_text

_AGENT = "sqid-explorer (evaluating)"
_LONGEST_BODY = 20_000_000
# Of these statuses the next query gets the same: the address or the key is wrong.
_FOR_ALL = frozenset({*range(300, 400), 401, 402, 403, 404, 405, 407, 410})
_LOST_AFTER = 5
# Queries that are declined before any is answered: then the request is wrong, and not the query.
_HOPELESS_AFTER = 5


@dataclass(frozen=True)
class Question:
    """A query of the bundle."""

    query_id: str
    query: str


@dataclass(frozen=True)
class EngineAnswer:
    """products: the first that the engine has, in its order. seconds: from the question to the whole answer, of the try
    that was answered."""

    products: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class NoAnswer:
    """Why a query has none. closed: no query will get one. declined: asked again it gets none either."""

    reason: str
    closed: bool = False
    declined: bool = False


@dataclass(frozen=True)
class Address:
    """url: as it is asked. host: with its port, for people. is_local: whether it is this machine's own."""

    url: str
    host: str
    is_local: bool


@dataclass(eq=False)
class Engine:
    """An engine and how it is asked; one for all threads. ids: where the products' ids stand in an answer. proven:
    whether it has answered such a request. stop: set to end every wait, and where it will answer nothing more."""

    address: Address
    key: EngineKey
    template: Template
    ids: JsonPath
    seconds: float = 30.0
    patience: Patience = field(default_factory=Patience)
    proven: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    _host: Host = field(default_factory=lambda: Host(_LOST_AFTER))
    _sessions: KeyedSessions = field(init=False)
    _declined: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._sessions = KeyedSessions(self.key, _AGENT, self.address.is_local)

    def ask(self, question: Question) -> EngineAnswer | NoAnswer:
        """Raises nothing for what a server does."""
        found = self._patiently(question)
        with self._lock:
            self.proven |= isinstance(found, EngineAnswer)
            if isinstance(found, NoAnswer):
                self._declined += found.declined
                found = replace(found, closed=found.closed or (not self.proven and self._declined >= _HOPELESS_AFTER))
                if found.closed:  # before anybody asks the next query in vain
                    self.stop.set()
        return found

    def _patiently(self, question: Question) -> EngineAnswer | NoAnswer:
        body = self.template.filled(question.query_id, question.query)
        reason = "does not answer"
        for failed in range(1, self.patience.attempts + 1):
            while (pause := self._host.pause()) and not self.stop.wait(pause):
                pass
            if self.stop.is_set():
                return NoAnswer("was not asked")
            try:
                answer = self._one_try(body)
            except Again as error:
                reason = self.hidden(str(error))
                if failed >= (self.patience.unreachable if error.unreachable else self.patience.attempts):
                    break
                wait = self.patience.wait(failed, error.wait)
                if error.busy:
                    self._host.leave_alone(wait)
                else:
                    self.stop.wait(wait)
            except Unavailable as error:
                return self._refused(error)
            else:
                self._host.note(answered=True)
                return answer
        self._host.note(answered=False)
        return NoAnswer(reason, closed=self._host.lost)

    def _one_try(self, body: bytes) -> EngineAnswer:
        """Raises Again, and Unavailable with the server's words."""
        begin = time.perf_counter()
        with (
            connection_faults(),
            # A redirect would take the key to where it was not meant to go.
            self._sessions.mine().post(
                self.address.url,
                data=body,
                stream=True,
                timeout=(self.patience.connect_seconds, self.seconds),
                allow_redirects=False,
            ) as response,
        ):
            content = self._content(response)
            seconds = time.perf_counter() - begin
            try:
                check_status(response)
            except Unavailable as error:
                words = error_words(content)
                raise Unavailable(f"{error}{f' (it says: {words})' if words else ''}", error.status) from None
            length = response.headers.get("Content-Length", "")
            if length.isdigit() and len(content) < int(length):
                raise Again("broke off")
        return EngineAnswer(self._products(content), seconds)

    def _content(self, response: requests.Response) -> bytes:
        content = bytearray()
        for piece in arriving(response, self.seconds):
            content += piece
            if len(content) > _LONGEST_BODY:
                raise Unavailable(f"sent more than {_LONGEST_BODY:,} bytes")
        return bytes(content)

    def _products(self, content: bytes) -> tuple[str, ...]:
        """The first ids of an answer, each once. Raises Again for what is no JSON, Unavailable for other forms."""
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            raise Again("gave no JSON") from None
        if isinstance(value, dict) and value.get("timed_out") is True:
            raise Again("timed out and gave a part of its answer")
        found = [_id(each) for each in self.ids.found(value)]
        if None in found:
            raise Unavailable(f"has what is no id at {self.ids.text}")
        if not found and not _is_empty(value, self.ids):
            raise Unavailable(f"has nothing at {self.ids.text}; check --ids")
        return tuple(dict.fromkeys(each for each in found if each))[: self.template.top]

    def _refused(self, error: Unavailable) -> NoAnswer:
        status, words = error.status, self.hidden(str(error))
        if status in (401, 403, 407):
            return NoAnswer(f"{words}: check {VARIABLE}", closed=True)
        if 300 <= status < 400:
            return NoAnswer(
                f"{words}, a redirect, which is not followed: give --endpoint the address it leads to", True
            )
        return NoAnswer(words, closed=status in _FOR_ALL, declined=True)

    def hidden(self, text: str) -> str:
        """A text of the network's without the key, and without what stands in the address behind its path."""
        return hidden(self.key, self.address.url, text)


def _id(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list | bool) else plain_text(value)


def _is_empty(value: Any, ids: JsonPath) -> bool:
    """Whether an answer has the place where ids would be, with nothing in it."""
    if None not in ids.steps:
        return False
    return bool(JsonPath(ids.text, ids.steps[: ids.steps.index(None)]).found(value))
