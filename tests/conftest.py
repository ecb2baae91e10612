"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium
from fixtures import build_tiny_bundle


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of 60 products and 8 queries with text and image signals. Read only: copy it to change it."""
    return build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=program, args=arguments)
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where SQID_REQUIRE_BROWSER is set, as in CI, a browser test that would be skipped fails."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("SQID_REQUIRE_BROWSER"):
        report.outcome, report.longrepr = "failed", f"a browser test may not be skipped here: {report.longrepr}"
    return report
