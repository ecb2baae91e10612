"""What a web server's answer, or the lack of one, means for a download."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from requests import exceptions as failures
from urllib3.exceptions import NewConnectionError

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_LONGEST_RETRY_AFTER = 600.0


@dataclass(frozen=True)
class Content:
    """What is known of a file beforehand: its size in bytes and its sha256, None where unknown."""

    size: int | None = None
    sha256: str | None = None


class Unavailable(Exception):
    """This address will not give the file, however often it is asked; the text says why."""


class Unreachable(Unavailable):
    """No connection to the host comes about."""


class Again(Exception):
    """Worth another try. wait: the seconds that the server asked for. unreachable: there was no connection at all."""

    def __init__(self, reason: str, wait: float = 0.0, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.wait, self.unreachable = wait, unreachable


@contextmanager
def connection_faults() -> Iterator[None]:
    """Turns what requests raises into Again or Unavailable."""
    try:
        yield
    except (failures.InvalidURL, failures.InvalidSchema, failures.MissingSchema, failures.TooManyRedirects) as error:
        raise Unavailable(f"cannot be asked ({error})") from None
    except failures.SSLError as error:
        raise Unavailable(f"has no valid certificate ({error})") from None
    except failures.ReadTimeout:
        raise Again("fell silent") from None
    except failures.ConnectTimeout:
        raise Again("does not answer", unreachable=True) from None
    except failures.ConnectionError as error:
        unreachable = _no_connection(error)
        raise Again("is out of reach" if unreachable else "broke off", unreachable=unreachable) from None
    except failures.RequestException as error:
        raise Again(f"broke off ({type(error).__name__})") from None
    except ValueError as error:  # a redirect to what is no address, a size that is no number
        raise Unavailable(f"cannot be asked ({error})") from None


def _no_connection(error: failures.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError) or isinstance(error, failures.ProxyError)


def check_status(response: requests.Response) -> None:
    """Raises Again or Unavailable unless the answer holds content."""
    status = response.status_code
    if status in _TRY_AGAIN:
        raise Again(f"answered {status}", _retry_after(response.headers.get("Retry-After", "")))
    if status not in (200, 206):
        raise Unavailable(f"answered {status}")


def _retry_after(text: str) -> float:
    """Seconds, from a number of them or a date; 0 where there is neither."""
    try:
        seconds = float(text) if text.strip().isdecimal() else parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        seconds = 0.0
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def first_byte(response: requests.Response) -> int:
    """Where in the file the body of the answer begins."""
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if response.status_code == 206 and found else 0


def announced(response: requests.Response, begin: int, known: Content) -> Content:
    """Size and sha256: what was known, else what the Hub says of a large file when it redirects, else the headers."""
    linked: Mapping[str, str] = next((r.headers for r in response.history if "X-Linked-Size" in r.headers), {})
    digest = linked.get("X-Linked-ETag", "").strip('"')
    size = linked.get("X-Linked-Size") or _length(response, begin)
    return Content(
        known.size if known.size is not None else int(size) if size is not None else None,
        known.sha256 or (digest if re.fullmatch("[0-9a-f]{64}", digest) else None),
    )


def _length(response: requests.Response, begin: int) -> int | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    length = response.headers.get("Content-Length", "")
    return begin + int(length) if length.isdigit() else None


def tag_of(response: requests.Response) -> str:
    """What tells this content from a later one: a strong ETag, else the date of the last change, else ""."""
    tag = response.headers.get("ETag", "")
    return response.headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag
