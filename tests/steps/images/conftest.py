"""What the tests of pictures share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from image_runs import QUICK

from precompute.commands import images_verb as verb


@pytest.fixture
def quick(monkeypatch):
    """Waits of hundredths of a second; limits of the command line stay."""
    monkeypatch.setattr(verb, "Limits", lambda **given: replace(QUICK, **given))
