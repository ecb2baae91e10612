"""What the tests of indexes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sqid_core.indexes.milvus_server import MilvusPlace, MilvusServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """Milvus Lite, for all tests of a file."""
    server = MilvusServer(MilvusPlace(str(tmp_path_factory.mktemp("milvus") / "lite.db")))
    yield server
    server.close()
