"""A web server on 127.0.0.1 that misbehaves as told: for everything that downloads.

    with BadServer({"/a.bin": Resource(b"...", faults=[Status(503), Reset(after=100), Short(200)])}) as server:
        requests.get(server.url("/a.bin"))

Each request of a path uses up one of its faults; when none are left the resource is served whole. `server.log` holds
every request in order of arrival, `server.most_at_once` how many were being answered at the same moment.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_CHUNK = 16_384


@dataclass(frozen=True)
class Status:
    """Answers with this status, such as 429 with {"Retry-After": "1"} or 302 with {"Location": ...}."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"not this time\n"


@dataclass(frozen=True)
class Reset:
    """Sends the headers and `after` bytes of the body, then resets the connection (RST). -1: resets before all."""

    after: int = -1


@dataclass(frozen=True)
class Short:
    """Promises the whole length, sends `size` bytes and closes politely."""

    size: int


@dataclass(frozen=True)
class Stall:
    """Sends `after` bytes and then nothing until the client hangs up."""

    after: int


@dataclass(frozen=True)
class Instead:
    """Sends another body with status 200: a login page, half a file with a matching length, a pointer."""

    body: bytes
    content_type: str = "text/html"


Fault = Status | Reset | Short | Stall | Instead


@dataclass
class Resource:
    """What lies at a path. ranges: whether Range is honoured. etag: "" leaves it out. length: whether the length is
    told. chunk_seconds: a pause after every 16 KiB."""

    body: bytes = b""
    content_type: str = "application/octet-stream"
    faults: list[Fault] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    etag: str | None = None
    length: bool = True
    chunk_seconds: float = 0.0

    def tag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:16]}"' if self.etag is None else self.etag


@dataclass(frozen=True)
class Request:
    """One request as it arrived, and the status that it got (0: the connection was reset before)."""

    path: str
    headers: Mapping[str, str]
    status: int
    method: str = "GET"


def lfs_pointer(content: bytes) -> bytes:
    """What git keeps of a file in Git LFS."""
    return (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(content).hexdigest()}\nsize {len(content)}\n"
    ).encode()


class BadServer:
    """Serves `resources` by path, on threads, with keep-alive. latency: seconds before every answer.

    fallback: makes a resource for a path that has none (None: 404).
    """

    def __init__(
        self,
        resources: Mapping[str, Resource | bytes] | None = None,
        latency: float = 0.0,
        port: int = 0,
        fallback: Callable[[str], Resource | None] = lambda path: None,
    ) -> None:
        self.resources = {
            path: r if isinstance(r, Resource) else Resource(r) for path, r in dict(resources or {}).items()
        }
        self.latency, self.fallback = latency, fallback
        self.log: list[Request] = []
        self.connections = self.most_at_once = self._at_once = 0
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> BadServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def statuses(self, path: str) -> list[int]:
        """The statuses that the requests of a path got, in order."""
        return [request.status for request in self.log if request.path == path]

    def ranges(self, path: str) -> list[str | None]:
        """The Range headers of the requests of a path, in order."""
        return [request.headers.get("Range") for request in self.log if request.path == path]

    def find(self, path: str) -> Resource | None:
        return self.resources.get(path) or self.fallback(path)

    def enter(self) -> None:
        with self.lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    def leave(self) -> None:
        with self.lock:
            self._at_once -= 1

    def note(self, request: Request) -> None:
        with self.lock:
            self.log.append(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    owner: BadServer

    def get_request(self) -> tuple[socket.socket, object]:
        self.owner.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.enter()
        try:
            if owner.latency:
                time.sleep(owner.latency)
            with suppress(BrokenPipeError, ConnectionResetError):
                self._answer(owner)
        finally:
            owner.leave()

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, owner: BadServer) -> None:
        path = self.path.partition("?")[0]
        resource = owner.find(path)
        if resource is None:
            self._whole(Status(404))
            return
        with owner.lock:
            fault = resource.faults.pop(0) if resource.faults else None
        if isinstance(fault, Status):
            self._whole(fault)
        elif isinstance(fault, Instead):
            self._whole(Status(200, {"Content-Type": fault.content_type}, fault.body))
        elif fault == Reset():
            self._note(0)
            self._reset()
        else:
            self._serve(resource, fault)

    def _whole(self, answer: Status) -> None:
        self._note(answer.code)
        self._head(answer.code, {**answer.headers, "Content-Length": str(len(answer.body))})
        self._send(answer.body, 0.0)

    def _serve(self, resource: Resource, fault: Fault | None) -> None:
        start, stop = self._range(resource)
        if start > 0 and start >= len(resource.body):
            self._whole(Status(416, {"Content-Range": f"bytes */{len(resource.body)}"}))
            return
        body = resource.body[start:stop]
        part = start > 0 or stop < len(resource.body)
        headers = {"Content-Type": resource.content_type, **resource.headers}
        if part:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(resource.body)}"
        if resource.tag():
            headers["ETag"] = resource.tag()
        if resource.length:
            headers["Content-Length"] = str(len(body))
        else:
            headers["Connection"] = "close"
            self.close_connection = True
        self._note(206 if part else 200)
        self._head(206 if part else 200, headers)
        self._body(body, fault, resource.chunk_seconds)

    def _body(self, body: bytes, fault: Fault | None, pause: float) -> None:
        if isinstance(fault, Reset):
            self._send(body[: fault.after], pause)
            self._reset()
        elif isinstance(fault, Short):
            self._send(body[: fault.size], pause)
            self.close_connection = True
        elif isinstance(fault, Stall):
            self._send(body[: fault.after], pause)
            self.connection.recv(1)
            self.close_connection = True
        else:
            self._send(body, pause)

    def _range(self, resource: Resource) -> tuple[int, int]:
        """The first byte wanted and the one after the last: everything, unless ranges are honoured and match."""
        whole = (0, len(resource.body))
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not resource.ranges or wanted is None or self.headers.get("If-Range", resource.tag()) != resource.tag():
            return whole
        return int(wanted[1]), min(int(wanted[2]) + 1, len(resource.body)) if wanted[2] else len(resource.body)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes, pause: float) -> None:
        if self.command == "HEAD":
            return
        for start in range(0, len(body), _CHUNK):
            self.wfile.write(body[start : start + _CHUNK])
            if pause:
                time.sleep(pause)

    def _reset(self) -> None:
        """Lingering zero seconds turns the close into a reset."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _note(self, status: int) -> None:
        self.server.owner.note(Request(self.path.partition("?")[0], dict(self.headers.items()), status, self.command))

    def log_message(self, format: str, *args: object) -> None:
        """Tests have a log of their own."""


def statuses(*codes: int, headers: Mapping[str, str] | None = None) -> Sequence[Status]:
    """Faults of several statuses in a row."""
    return [Status(code, headers or {}) for code in codes]
