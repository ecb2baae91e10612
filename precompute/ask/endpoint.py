"""Where a model is asked: the address, as somebody gave it, and whether a key may go there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from precompute.ask.endpoint_key import VARIABLE, Key
from sqid_core.errors import InputError

_PATH = "/chat/completions"
_EXAMPLE = "give one such as https://api.openai.com/v1 or http://localhost:8000/v1"


@dataclass(frozen=True)
class Endpoint:
    """address: whole, up to chat/completions. host: with its port, as it is stored and shown; the rest of an address
    may tell more than is meant to be told. is_local: whether it is this machine's own."""

    address: str
    host: str
    is_local: bool


def endpoint_of(address: str, key: Key) -> Endpoint:
    """The endpoint at an address, with or without chat/completions at its end. Addresses of one's own network are
    good: it is the user who names them. Raises InputError for what is no address, and for one that would carry the key
    through a network unencrypted."""
    parts = checked_address(address, bool(key), VARIABLE, _EXAMPLE)
    path = (parts.path or "").rstrip("/")
    whole = parts._replace(path=path if path.endswith(_PATH) else f"{path}{_PATH}", fragment=None)
    return Endpoint(whole.url, parts.netloc or parts.host or "", is_local(parts.host or ""))


def checked_address(address: str, has_key: bool, variable: str, example: str) -> Url:
    """The parts of --endpoint. variable: where its key is set. example: what to give instead. Raises InputError as
    `endpoint_of` does."""
    if not address.isprintable() or " " in address or "\\" in address:
        raise InputError(f"--endpoint is no address; {example}")
    try:
        # What the connection will be made by: no two readings of one address.
        parts = parse_url(address)
    except LocationParseError:
        raise InputError(f"--endpoint is no address; {example}") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise InputError(f"--endpoint is no http or https address; {example}")
    if parts.auth is not None:
        raise InputError(f"--endpoint holds a name or a password; leave it out and set {variable}")
    if has_key and parts.scheme == "http" and not is_local(parts.host):
        raise InputError(
            f"--endpoint is plain http: the key would cross the network unencrypted; use https, or unset {variable} "
            "where the endpoint needs none"
        )
    return parts


def is_local(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
