"""An OpenAI-compatible endpoint on 127.0.0.1 that answers as told: for everything that asks a model.

    with ModelServer([says("Exact"), Status(429, {"Retry-After": "0"}), Hang()]) as server:
        ...                                           # when nothing is left: `usual`

`server.asked` holds the body of every question in order of arrival, `server.headers` its headers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Raw:
    """Any answer. promised: its Content-Length, if not the body's."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    promised: int | None = None


@dataclass(frozen=True)
class Hang:
    """Sends so many bytes of an answer, then nothing until the client has gone. drip: seconds between blanks that are
    sent for ever instead."""

    after: int = 0
    drip: float = 0.0


Behaviour = Raw | Hang | Callable[[dict[str, Any]], "Raw | Hang"]


def completion(content: Any, tokens: tuple[int, int] | None = (100, 20), **message: Any) -> Raw:
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}}
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}}
    return Raw(json.dumps({"id": "x", "choices": [choice], **usage}).encode())


def says(label: str | None, explanation: str = "as the title says", unrateable: bool = False, **more: Any) -> Raw:
    said = {"explanation": explanation, "label": label, "unrateable": unrateable}
    return completion(json.dumps(said), **more)


def refuses(status: int, words: str = "no", **headers: str) -> Raw:
    return Raw(json.dumps({"error": {"message": words}}).encode(), status, headers)


def texts(asked: Mapping[str, Any]) -> list[str]:
    """The texts of a question, one a message."""
    contents = [message["content"] for message in asked["messages"]]
    return [each if isinstance(each, str) else each[0]["text"] for each in contents]


class ModelServer:
    """Uses up `script`, one a question, then does as `usual` says."""

    def __init__(self, script: Sequence[Behaviour] = (), usual: Behaviour | None = None) -> None:
        self.script, self.usual = list(script), says("Exact") if usual is None else usual
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def next(self, asked: dict[str, Any], headers: dict[str, str], path: str) -> Raw | Hang:
        with self.lock:
            self.asked.append(asked)
            self.headers.append(headers)
            self.paths.append(path)
            found = self.script.pop(0) if self.script else self.usual
        return found if isinstance(found, Raw | Hang) else found(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    owner: ModelServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with owner.lock:
            owner.at_once += 1
            owner.most_at_once = max(owner.most_at_once, owner.at_once)
        try:
            found = owner.next(json.loads(body), dict(self.headers.items()), self.path)
            with suppress(BrokenPipeError, ConnectionResetError):
                self._hang(found) if isinstance(found, Hang) else self._answer(found)
        finally:
            with owner.lock:
                owner.at_once -= 1

    do_GET = do_POST  # noqa: N815 - what a redirect that was followed would do

    def _answer(self, raw: Raw) -> None:
        length = len(raw.body) if raw.promised is None else raw.promised
        self._head(raw.status, {"Content-Type": raw.content_type, "Content-Length": str(length), **raw.headers})
        self.wfile.write(raw.body)
        self.close_connection = length != len(raw.body)

    def _hang(self, hang: Hang) -> None:
        self.close_connection = True
        whole = says("Exact").body
        self._head(200, {"Content-Type": "application/json", "Content-Length": str(len(whole) + 100_000)})
        self.wfile.write(whole[: hang.after])
        while hang.drip:
            self.wfile.write(b" ")
            time.sleep(hang.drip)
        self.connection.recv(1)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Tests have a log of their own."""
