"""Stores to test: each test of `store` runs on both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import URL, Cluster, cluster, own_schema

from sqid_core.judging.store import Judge, Store
from sqid_core.store.opening import open_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL; skipped where there is none."""
    if os.environ.get(URL):
        yield os.environ[URL]
        return
    with cluster() as made:
        yield made.url


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A PostgreSQL that a test may stop."""
    with cluster() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where a new store can be opened."""
    if request.param == "sqlite":
        yield tmp_path / "state"
        return
    with own_schema(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def store(place: Path | str) -> Store:
    return open_store(place)


@pytest.fixture
def ann(store: Store) -> Judge:
    return store.enrol("Ann's secret", "Ann")
