"""Addresses of a data set are strangers': none may lead to what only this machine or its network reaches.

A name is looked up once, what it leads to is checked, and that very address is connected to, at each redirect again: a
name that leads elsewhere a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError
from urllib3.util import parse_url

from precompute.fetch.retries import Unavailable

# IPv6 addresses that stand for an IPv4 one behind a translator (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_FAULT = "leads to an address of this machine or its own network; --internal allows these"


def is_internal(address: str) -> bool:
    """Whether an IP address is this machine's, a private network's or another that the internet does not reach, in
    whatever form it is written; also what is no address at all."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_internal(str(inner))
    return not found.is_global or found.is_multicast


def outside_address(host: str, port: int) -> str:
    """The IP address behind a name, which may also be a number in any form. Raises Unavailable where one of its
    addresses is internal, and OSError where it has none."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]
    if not found or any(map(is_internal, found)):
        raise Unavailable(_FAULT)
    return found[0]


class _Guarded(HTTPConnection):
    """Connects to the address that was checked; the name stays for the certificate and the Host header."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            self._dns_host = outside_address(name, self.port or 80)
            return super()._new_conn()
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(name, self, socket.gaierror(str(error))) from None
        finally:
            self._dns_host = name


class _GuardedSecure(_Guarded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _GuardedSecure


class GuardedAdapter(HTTPAdapter):
    """For a session that asks addresses of strangers. Behind a proxy it is the proxy that looks names up: then only
    addresses that are numbers can be refused here."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """With connections that check where they lead."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        """Each request and each redirect comes through here. Raises Unavailable."""
        _check_number(parse_url(request.url or "").host or "")
        return super().send(request, *args, **named)


def _check_number(host: str) -> None:
    """Raises Unavailable for a host that is an internal number: 127.1, 2130706433, 0x7f000001 and [::1] alike."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return
    if any(is_internal(str(entry[4][0])) for entry in found):
        raise Unavailable(_FAULT)
