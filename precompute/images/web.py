"""Polite downloads: a connection kept by each thread, retries with back-off, one pause for all where a host asks."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3

from precompute.images.outcome import GONE, REFUSED, TOO_LARGE, UNREACHABLE, Limits, Outcome

_AGENT = "sqid-explorer (research; pictures of a product data set)"
_CHUNK = 65_536
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 30.0
_MOST_REDIRECTS = 5
_GONE = (404, 410)
_BUSY = (429, 503)
_TRY_AGAIN = (408, 425, 500, 502, 504, *_BUSY, *range(520, 531))
# Addresses in a row that a host did not answer; after that it is taken for lost, so that a run without a network ends.
_LOST_AFTER = 20


class Host:
    """What all workers know of one host: until when to leave it alone, and whether it answers at all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._unanswered = 0

    def pause(self) -> float:
        """Seconds until it may be asked again."""
        with self._lock:
            return max(0.0, self._free_at - time.monotonic())

    def leave_alone(self, seconds: float) -> None:
        """No worker asks it for so long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def note(self, answered: bool) -> None:
        """Whether an address got an answer, after all its tries."""
        with self._lock:
            self._unanswered = 0 if answered else self._unanswered + 1

    @property
    def lost(self) -> bool:
        """Whether it is pointless to ask for more."""
        with self._lock:
            return self._unanswered >= _LOST_AFTER


@dataclass(frozen=True)
class _Again:
    """An answer that another try may better. wait: what the host asks for, 0 where it says nothing."""

    reason: str
    busy: bool = False
    wait: float = 0.0


@dataclass(eq=False)
class Web:
    """Gets addresses, from many threads at once. stop: set to end every wait."""

    limits: Limits
    stop: threading.Event = field(default_factory=threading.Event)
    _hosts: dict[str, Host] = field(default_factory=dict)
    _local: threading.local = field(default_factory=threading.local)

    def get(self, address: str) -> bytes | Outcome:
        """The body, or why there is none. Never raises for what a server does."""
        try:
            parts = urlsplit(address)
            scheme, place = parts.scheme.lower(), parts.netloc.lower()
        except ValueError:
            scheme = place = ""
        if scheme not in ("http", "https") or not place:
            return Outcome(REFUSED, reason="not a http or https address")
        host = self._hosts.setdefault(place, Host())
        if host.lost:
            return Outcome(UNREACHABLE, reason=f"{place} does not answer")
        found = self._patiently(address, host)
        if not self.stop.is_set():
            host.note(not (isinstance(found, Outcome) and found.status == UNREACHABLE))
        return found

    def _patiently(self, address: str, host: Host) -> bytes | Outcome:
        again = _Again("interrupted")
        for attempt in range(self.limits.tries):
            while (pause := host.pause()) and not self.stop.wait(pause):
                pass
            if self.stop.is_set():
                break
            answer = self._once(address)
            if not isinstance(answer, _Again):
                return answer
            again = answer
            wait = self._wait(attempt, answer)
            if answer.busy:
                host.leave_alone(wait)
            elif attempt + 1 < self.limits.tries:
                self.stop.wait(wait)
        return Outcome(UNREACHABLE, reason=again.reason)

    def _wait(self, attempt: int, answer: _Again) -> float:
        # The jitter keeps eight workers from coming back at the same moment.
        doubled = self.limits.first_wait * 2**attempt * random.uniform(0.8, 1.2)
        return min(max(doubled, answer.wait), self.limits.longest_wait)

    def _once(self, address: str) -> bytes | Outcome | _Again:
        try:
            with self._session().get(address, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as answer:
                return self._body(answer) if answer.status_code == 200 else _without_body(answer)
        except (
            requests.TooManyRedirects,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            urllib3.exceptions.LocationValueError,
            ValueError,  # what a redirect names may be no address at all
        ) as error:
            return Outcome(REFUSED, reason=str(error))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return _Again(type(error).__name__)

    def _body(self, answer: requests.Response) -> bytes | Outcome | _Again:
        """The whole body. A server may lie about the length, send without end, or very slowly."""
        deadline = time.monotonic() + self.limits.seconds
        promised = answer.headers.get("Content-Length", "")
        if promised.isdecimal() and int(promised) > self.limits.bytes:
            return Outcome(TOO_LARGE, reason=f"{promised} bytes")
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > self.limits.bytes:
                return Outcome(TOO_LARGE, reason=f"more than {self.limits.bytes} bytes")
            if time.monotonic() > deadline:
                return _Again("too slow")
        encoded = answer.headers.get("Content-Encoding", "identity") != "identity"
        if promised.isdecimal() and not encoded and len(body) != int(promised):
            return _Again(f"{len(body)} of {promised} bytes")
        return bytes(body)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.headers.update({"User-Agent": _AGENT, "Accept": "image/*", "Accept-Encoding": "identity"})
            session.max_redirects = _MOST_REDIRECTS
            self._local.session = session
        return self._local.session


def _without_body(answer: requests.Response) -> Outcome | _Again:
    code = answer.status_code
    if code in _GONE:
        return Outcome(GONE, reason=f"HTTP {code}")
    if code in _TRY_AGAIN:
        return _Again(f"HTTP {code}", code in _BUSY, retry_after(answer.headers.get("Retry-After", "")))
    return Outcome(REFUSED, reason=f"HTTP {code}")


def retry_after(value: str) -> float:
    """Seconds of a Retry-After header: a number or a date; 0 where it is neither."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return 0.0
