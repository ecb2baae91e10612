"""What the tests of asking share."""

from __future__ import annotations

from pathlib import Path

import pytest
from judge_desk import Desk, made_desk


@pytest.fixture
def desk(bundle: Path, tmp_path: Path) -> Desk:
    return made_desk(bundle, tmp_path / "state")
