"""A server whose visitors judge, for tests in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browsing import free_port, started
from fixtures import build_tiny_bundle
from judging_app import SECRETS

from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store


class House:
    """A server that can be killed and started again at its address, and the store behind it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.bundle = build_tiny_bundle(folder / "data" / "tiny")
        self.state, self.database = folder / "state", database
        self.port = free_port()
        self.store: Store = open_store(database or self.state)

    @contextmanager
    def open(self) -> Iterator[tuple[str, Any]]:
        place = {"SQID_DATABASE_URL": self.database, "SQID_STATE": str(self.state)}
        with started(self.bundle.parent, self.port, **place) as running:
            yield running


def secret_of(name: str) -> str:
    """What the cookie of somebody of this name holds."""
    return SECRETS.get(name) or f"secret-of-{name}".ljust(40, "x")


def known(name: str) -> dict[str, Any]:
    """The state of a browser that is known again under a name."""
    cookie = {"name": "sqid_judge", "value": secret_of(name), "domain": "127.0.0.1", "path": "/"}
    return {"cookies": [cookie], "origins": []}
