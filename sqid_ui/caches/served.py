"""Searching in the server that whoever runs the app has named (SQID_MILVUS_URI), and here where it is lost.

A bundle only says that its signals are in a server, never in which. A server that does not answer is left alone for
some seconds, so that not every visitor waits for it; then it is asked again.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field

from sqid_core.bundle.in_milvus import in_milvus, milvus_indexes
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import BundleError, InputError, ServerError
from sqid_core.indexes.milvus_server import MilvusServer, milvus_place
from sqid_core.ranking.found import Served
from sqid_core.ranking.server_filters import ProductCodes
from sqid_ui.caches.keys import Keyed, cached, forget

# Seconds for which a lost server is not asked.
_REST = 5.0
_LOST = "The search server does not answer"
_FOREIGN = "The search server does not hold this bundle as it is now"
_UNNAMED = "The search server’s address (SQID_MILVUS_URI) is none"


@dataclass(eq=False)
class _Connection:
    """A server, and until when it is left alone."""

    server: MilvusServer
    until: float = field(default=-1.0)


def is_served(shown: Dataset) -> bool:
    """Whether somebody named a server, and the bundle has signals there."""
    return bool(os.environ.get("SQID_MILVUS_URI", "").strip()) and bool(in_milvus(shown.manifest))


def served(shown: Dataset) -> Served:
    """The bundle's signals in the server. Raises ServerError, a sentence for visitors, where it cannot be asked."""
    try:
        place = milvus_place(os.environ)
    except InputError as error:
        logging.getLogger(__name__).warning("%s", error)
        raise ServerError(_UNNAMED) from None
    assert place is not None
    connection = _connection(Keyed((place.uri, place.token), MilvusServer(place)))
    if time.monotonic() < connection.until:
        raise ServerError(_LOST)
    try:
        return _opened(shown, Keyed(place.uri, connection))
    except ServerError as error:
        raise lost(shown, error) from None
    except BundleError as error:
        logging.getLogger(__name__).warning("%s", error)
        raise ServerError(_FOREIGN) from None


def lost(shown: Dataset, error: ServerError) -> ServerError:
    """Leaves the server alone for a while. The sentence for visitors; what it is about is for the log."""
    logging.getLogger(__name__).warning("%s", error)
    place = milvus_place(os.environ)
    if place is not None:
        connection = _connection(Keyed((place.uri, place.token), MilvusServer(place)))
        connection.until = time.monotonic() + _REST
        forget(_opened, shown, Keyed(place.uri, connection))
    return ServerError(_LOST)


def fits_here(shown: Dataset) -> bool:
    """Whether the system can keep all vectors of the bundle while they are scored."""
    dense = [signal for signal in shown.signals.values() if isinstance(signal, DenseSignal)]
    numbers = sum(signal.products.shape[0] * signal.products.shape[1] for signal in dense)
    return 4 * numbers <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@cached(max_entries=1)
def _connection(server: Keyed[MilvusServer]) -> _Connection:
    return _Connection(server.value)


@cached(max_entries=4)
def _opened(shown: Dataset, connection: Keyed[_Connection]) -> Served:
    return Served(milvus_indexes(shown, connection.value.server), ProductCodes.of(shown.products))
