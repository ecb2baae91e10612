"""The first start: one build that everybody watches, its failure, and the page that shows both."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from fixtures import build_tiny_bundle
from places import APP
from streamlit.testing.v1 import AppTest

from sqid_ui.caches import bundles, encoders
from sqid_ui.caches.bundle_build import BundleBuild

FAILING = "tell(0.1, 'Drawing'); print('BuildError: no space left'); raise SystemExit(3)"


@pytest.fixture(autouse=True)
def empty_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(encoders, "warm_encoder", lambda *_: None)
    st.cache_resource.clear()
    yield tmp_path / "data"
    st.cache_resource.clear()


def stub(out: Path, code: str) -> BundleBuild:
    """A build by some code that may tell(done, step) as the command does."""
    told = "dict(done=done, total=1, step=step, unit='', sentence='', last=False)"
    tell = f"import json\ndef tell(done, step): print(json.dumps({told}), flush=True)\n"
    return BundleBuild(out, (), [sys.executable, "-c", tell + code])


def waited(build: BundleBuild) -> BundleBuild:
    deadline = time.monotonic() + 60
    while build.exit_code is None:
        assert time.monotonic() < deadline, "the command did not end"
        time.sleep(0.02)
    return build


def test_progress_lines_move_the_bar_and_the_rest_is_kept(tmp_path: Path) -> None:
    build = stub(tmp_path / "demo", "tell(0.42, 'Drawing pictures'); print('note'); print('[1]')")
    build.start()
    waited(build)
    assert (build.fraction, build.step, list(build.lines)) == (0.42, "Drawing pictures", ["note", "[1]"])
    assert build.done


def test_starting_again_joins_the_same_run(tmp_path: Path) -> None:
    log, enough = tmp_path / "log", tmp_path / "enough"
    wait = f"import os, time\nwhile not os.path.exists({str(enough)!r}): time.sleep(.01)"
    build = stub(tmp_path / "demo", f"open({str(log)!r}, 'a').write('x'); {wait}")
    for _ in range(5):
        build.start()
    enough.touch()
    waited(build)
    assert log.read_text() == "x"


def test_a_failure_stays_until_it_is_retried(tmp_path: Path) -> None:
    build = stub(tmp_path / "demo", FAILING)
    build.start()
    waited(build)
    build.start()
    assert build.failed
    assert list(build.lines) == ["BuildError: no space left"]
    build.retry()
    waited(build)
    assert build.failed


def test_a_command_that_cannot_start_is_a_failure(tmp_path: Path) -> None:
    build = BundleBuild(tmp_path / "demo", (), [str(tmp_path / "no-such-program")])
    build.start()
    assert waited(build).failed
    assert "no-such-program" in build.lines[-1]


def test_a_place_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    build = BundleBuild(tmp_path / "file" / "data" / "demo", ("demo",))
    build.start()
    assert build.failed
    assert str(tmp_path / "file" / "data") in build.lines[0]
    assert "SQID_DATA" in build.lines[0]


def test_the_page_shows_progress_then_the_bundle(empty_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = stub(empty_root / "demo", "tell(0.42, 'Drawing pictures')")
    monkeypatch.setattr(bundles, "bundle_build", lambda out, source: build)
    monkeypatch.setattr(build, "start", lambda: None)
    build.step, build.fraction = "Drawing pictures", 0.42
    at = AppTest.from_file(APP, default_timeout=60).run()
    assert not at.exception
    assert at.title[0].value == "Welcome to SQID Explorer"
    assert at.get("progress")[0].proto.value == 42
    build_tiny_bundle(empty_root / "demo")
    at.run()
    assert not at.exception
    assert at.get_by_key("board") is not None


def test_the_page_shows_why_it_failed_and_offers_another_try(empty_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = stub(empty_root / "demo", FAILING)
    monkeypatch.setattr(bundles, "bundle_build", lambda out, source: build)
    build.start()
    waited(build)
    at = AppTest.from_file(APP, default_timeout=60).run()
    assert "could not be built" in at.error[0].value
    assert "no space left" in at.code[0].value
    retried: list[bool] = []
    monkeypatch.setattr(build, "retry", lambda: retried.append(True))
    at.button[0].click().run()
    assert retried == [True]


def test_what_is_wanted_is_never_taken_for_an_option(tmp_path: Path) -> None:
    build = BundleBuild(tmp_path / "bundle", ("fetch", "--help"))
    build.start()
    waited(build)
    assert (build.exit_code, "names no data set of the hub" in build.lines[-1]) == (2, True)
