"""What all tests share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

# Before any library looks: two workers and what they start would otherwise spin for each other's cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from browsing import chromium, running, visitor
from fixtures import VOCABULARY, WordEncoder, build_tiny_bundle
from hypothesis import HealthCheck, settings

# No test is timed: a busy machine is not a defect. Examples are the same every day; by night a seed draws others.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("thorough", settings.get_profile("untimed"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("SQID_PROFILE", "untimed"))


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of 60 products and 8 queries with text and image signals. Read only: copy it to change it."""
    return build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Judgements of the tests go nowhere near the checkout."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SQID_STATE", str(tmp_path_factory.mktemp("state")))
        patched.delenv("SQID_DATABASE_URL", raising=False)
        yield


@pytest.fixture(autouse=True)
def _main_module_of_its_own() -> Iterator[None]:
    """A page that was run by AppTest stays the main module, which processes that are started later would run again."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def word_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[WordEncoder]:
    """For tests of the app's pages: the words of the tests stand for a model, and no cache outlives the test."""
    import streamlit as st

    from sqid_ui.caches import encoders as resources

    stand_in = WordEncoder()
    for place in ("sqid_core.ranking.search", "sqid_ui.caches.encoders"):
        monkeypatch.setattr(f"{place}.load_encoder", lambda spec, folder, *_: stand_in)
    monkeypatch.setattr(resources, "warm_encoder", lambda *_: None)
    monkeypatch.setattr(resources, "load_vocabulary", lambda folder: VOCABULARY)
    st.cache_resource.clear()
    yield stand_in
    st.cache_resource.clear()


@pytest.fixture
def data_root(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the app's own, with the tiny bundle in it."""
    shutil.copytree(tiny_bundle, tmp_path / "data" / "tiny")
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


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


@pytest.fixture(scope="session")
def address(tiny_bundle: Path) -> Iterator[str]:
    """The app, over the tiny bundle alone. A module whose tests need other bundles has an `address` of its own."""
    chromium()
    with running(tiny_bundle.parent) as found:
        yield found


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """See `visitor`."""
    with visitor(browser, address) as go:
        yield go


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where SQID_REQUIRE_BROWSER is set, as in CI, a browser test that would be skipped fails."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("SQID_REQUIRE_BROWSER"):
        report.outcome, report.longrepr = "failed", f"a browser test may not be skipped here: {report.longrepr}"
    return report
