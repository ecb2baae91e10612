"""Polite downloads: a connection kept by each thread, and one pause for all where a host asks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from precompute.fetch.answers import arriving
from precompute.fetch.host import Host
from precompute.fetch.retries import Again, Unavailable, check_status, connection_faults
from precompute.images.guarded import GuardedAdapter
from precompute.images.outcome import GONE, REFUSED, TOO_LARGE, UNREACHABLE, Limits, Outcome
from sqid_core.bundle.addresses import is_web_address

_AGENT = "sqid-explorer (research; pictures of a product data set)"
_MOST_REDIRECTS = 5
_GONE = (404, 410)
# Addresses in a row that a host did not answer; after that it is taken for lost, so that a run without a network ends.
_LOST_AFTER = 20


@dataclass(eq=False)
class Web:
    """Gets addresses, from many threads at once. stop: set to end every wait."""

    limits: Limits
    stop: threading.Event = field(default_factory=threading.Event)
    _hosts: dict[str, Host] = field(default_factory=dict)
    _local: threading.local = field(default_factory=threading.local)

    def get(self, address: str) -> bytes | Outcome:
        """The body, or why there is none. Never raises for what a server does."""
        if not is_web_address(address):
            return Outcome(REFUSED, reason="not a http or https address")
        place = urlsplit(address).netloc.lower()
        host = self._hosts.setdefault(place, Host(_LOST_AFTER))
        if host.lost:
            return Outcome(UNREACHABLE, reason=f"{place} does not answer")
        found = self._patiently(address, host)
        if not self.stop.is_set():
            host.note(not (isinstance(found, Outcome) and found.status == UNREACHABLE))
        return found

    def _patiently(self, address: str, host: Host) -> bytes | Outcome:
        patience, reason = self.limits.patience, "interrupted"
        for failed in range(1, patience.attempts + 1):
            while (pause := host.pause()) and not self.stop.wait(pause):
                pass
            if self.stop.is_set():
                break
            try:
                return self._once(address)
            except Unavailable as error:
                return Outcome(GONE if error.status in _GONE else REFUSED, reason=str(error))
            except Again as error:
                reason = str(error)
                wait = patience.wait(failed, error.wait)
                if error.busy:
                    host.leave_alone(wait)
                elif failed < patience.attempts:
                    self.stop.wait(wait)
        return Outcome(UNREACHABLE, reason=reason)

    def _once(self, address: str) -> bytes | Outcome:
        """One try. Raises Again or Unavailable."""
        timeout = self.limits.patience.timeout
        with connection_faults(), self._session().get(address, stream=True, timeout=timeout) as answer:
            check_status(answer)
            return self._body(answer)

    def _body(self, answer: requests.Response) -> bytes | Outcome:
        """The whole body. A server may lie about the length, send without end, or very slowly: raises Again."""
        promised = answer.headers.get("Content-Length", "")
        if promised.isdecimal() and int(promised) > self.limits.bytes:
            return Outcome(TOO_LARGE, reason=f"{promised} bytes")
        body = bytearray()
        for piece in arriving(answer, self.limits.seconds):
            body += piece
            if len(body) > self.limits.bytes:
                return Outcome(TOO_LARGE, reason=f"more than {self.limits.bytes} bytes")
        encoded = answer.headers.get("Content-Encoding", "identity") != "identity"
        if promised.isdecimal() and not encoded and len(body) != int(promised):
            raise Again(f"sent {len(body)} of {promised} bytes")
        return bytes(body)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.headers.update({"User-Agent": _AGENT, "Accept": "image/*", "Accept-Encoding": "identity"})
            session.max_redirects = _MOST_REDIRECTS
            if not self.limits.internal:
                session.mount("http://", GuardedAdapter())
                session.mount("https://", GuardedAdapter())
            self._local.session = session
        return self._local.session
