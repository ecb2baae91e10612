"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures import build_tiny_bundle


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of 60 products and 8 queries with text and image signals. Read only: copy it to change it."""
    return build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")
