"""Asking a web server again: the one rule of every download for what is worth another try, and how long to wait."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
import urllib3
from requests import exceptions as failures

# 520 to 530 are those of a content network that does not reach the server behind it.
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 531)})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True)
class Patience:
    """How long to try. attempts: in a row without a single new byte; unreachable: where no connection comes about.
    first_wait: seconds before the second try, doubled before each further one up to longest_wait. longest_asked: for
    how long a server may ask to be left alone. connect_seconds, read_seconds: until silence is a failure."""

    attempts: int = 8
    unreachable: int = 5
    first_wait: float = 1.0
    longest_wait: float = 120.0
    longest_asked: float = 600.0
    connect_seconds: float = 10.0
    read_seconds: float = 60.0

    @property
    def timeout(self) -> tuple[float, float]:
        """As requests takes it."""
        return self.connect_seconds, self.read_seconds

    def wait(self, failed: int, asked: float = 0.0) -> float:
        """Seconds before the next try. failed: tries so far. asked: what the server asked for, 0 where it said nothing.

        Doubled at each failure, with a random part so that many clients do not come back at once.
        """
        doubled = min(self.longest_wait, self.first_wait * 2 ** (failed - 1)) * random.uniform(0.75, 1.0)
        return float(max(doubled, min(asked, self.longest_asked)))


class Unavailable(Exception):
    """This address will not give the file, however often it is asked; the text says why. status: of the answer, 0 where
    there was none."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class Unreachable(Unavailable):
    """No connection to the host comes about."""


class Again(Exception):
    """Worth another try. wait: the seconds that the server asked for. busy: it asked to be left alone. unreachable:
    there was no connection at all."""

    def __init__(self, reason: str, wait: float = 0.0, busy: bool = False, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.wait, self.busy, self.unreachable = wait, busy, unreachable


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
    except urllib3.exceptions.HTTPError as error:
        raise Again(f"broke off ({type(error).__name__})") from None


def _no_connection(error: failures.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError) or isinstance(error, failures.ProxyError)


def check_status(response: requests.Response) -> None:
    """Raises Again or Unavailable unless the answer holds content."""
    status = response.status_code
    if status in _TRY_AGAIN:
        wait = retry_after(response.headers.get("Retry-After", ""))
        raise Again(f"answered {status}", wait, busy=status in _BUSY)
    if status not in (200, 206):
        raise Unavailable(f"answered {status}", status)


def retry_after(text: str) -> float:
    """Seconds, from a number of them or a date; 0 where there is neither."""
    try:
        seconds = float(text) if text.strip().isdecimal() else parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        seconds = 0.0
    return max(seconds, 0.0)
