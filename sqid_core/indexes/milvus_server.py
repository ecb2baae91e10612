"""A Milvus server: where it is, who asks, and what its complaints mean for people. pymilvus is imported here alone.

Where it is comes from whoever runs the program, never from a bundle: a bundle may be a stranger's, and must not be able
to make anybody's program call out. The token comes from the environment, and is in nothing that is printed or stored.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..errors import InputError, ServerError
from ..extras import needs

URI, TOKEN = "SQID_MILVUS_URI", "SQID_MILVUS_TOKEN"
# Of a path: Milvus Lite, which runs inside the program.
LITE = ".db"
# Seconds for what one visitor waits for, and for what builds.
ASKING, BUILDING = 5.0, 600.0
_LONGEST = 1_000

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class MilvusPlace:
    """uri: http://host:19530, https://… or a path that ends in .db. token: user:password or an API key, "" for none."""

    uri: str
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if fault := _fault(self.uri):
            raise InputError(
                f"{fault}; expected an address such as http://localhost:19530, or a path that ends in {LITE} for "
                "Milvus Lite"
            )


def milvus_place(environment: Mapping[str, str], uri: str = "") -> MilvusPlace | None:
    """The place that somebody names, else that of the environment; None where there is neither. Raises InputError."""
    found = uri.strip() or environment.get(URI, "").strip()
    return MilvusPlace(found, environment.get(TOKEN, "").strip()) if found else None


def _fault(uri: str) -> str:
    """What is wrong with an address. It never repeats what may hold a password."""
    if len(uri) > _LONGEST or not uri.isprintable():
        return "Milvus' address is over-long, or holds what cannot be printed"
    if "://" not in uri:
        return "" if uri.endswith(LITE) else f"{uri!r} is no address of Milvus"
    try:
        parts = urlsplit(uri)
        port, named = parts.port, parts.username is not None or parts.password is not None
    except ValueError:
        return "Milvus' address cannot be read"
    if named or parts.query or parts.fragment:
        return f"Milvus' address holds more than host, port and database: a user and a password belong into {TOKEN}"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return f"{uri!r} is no address of Milvus"
    return ""


class MilvusServer:
    """A connection that is made when it is first needed, and made anew after it was lost. May be shared by threads."""

    def __init__(self, place: MilvusPlace) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._client: Any = None

    def __repr__(self) -> str:
        return f"MilvusServer({self.place.uri})"

    def asked(self, question: Callable[[Any], Answer]) -> Answer:
        """What a function of pymilvus' client gives. Raises ServerError, one sentence, where the server does not."""
        library = needs("hosting", "pymilvus")
        client = self._connected(library)
        try:
            return question(client)
        except library.MilvusException as error:
            self._let_go(client)
            raise self._refusal("does not answer", error) from None
        # A channel that was closed meanwhile, by another thread that lost the server: a ValueError of grpc.
        except (OSError, RuntimeError, ValueError) as error:
            self._let_go(client)
            raise self._refusal("does not answer", error) from None

    def close(self) -> None:
        """Lets the connection go; the next question makes another."""
        self._let_go(self._client)

    def _connected(self, library: Any) -> Any:
        with self._lock:
            if self._client is None:
                # It writes whole stacks to stderr of what is told in one sentence here.
                logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
                self._client = self._new_client(library)
            return self._client

    def _new_client(self, library: Any) -> Any:
        lite = "://" not in self.place.uri
        if lite:
            needs("hosting", "milvus_lite")
            if not Path(self.place.uri).absolute().parent.is_dir():
                raise InputError(f"the folder of {self.place.uri}, where Milvus Lite is to be, does not exist; make it")
        make = partial(library.MilvusClient, self.place.uri, token=self.place.token, timeout=ASKING)
        try:
            return make()
        except Exception as error:  # milvus-lite raises errors of its own, of files and of locks
            used = " (Milvus Lite serves one program at a time; is another using it?)" if lite else ""
            raise self._refusal(f"cannot be reached{used}", error) from None

    def _let_go(self, client: Any) -> None:
        with self._lock:
            if client is None or client is not self._client:
                return
            self._client = None
        try:
            client.close()
        except Exception:
            logging.getLogger(__name__).debug("a lost connection could not be closed")

    def _refusal(self, what: str, error: Exception) -> ServerError:
        told = " ".join(str(getattr(error, "message", "") or error).split())
        if self.place.token:
            told = told.replace(self.place.token, "…")
        return ServerError(f"Milvus at {self.place.uri} {what}: {told[:200]}")
