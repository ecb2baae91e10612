"""The program as a stranger has it: the wheel in an environment of its own, in an empty folder, without any extra.

No part of the ordinary run: `.ci/wheel` builds the wheel and the environment and names that in SQID_INSTALLED.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import CARDS, free_port, settled, visitor, wait_for
from places import ROOT
from test_packaging import EXTRAS, PROJECT, declared, normal

import sqid_core

pytestmark = pytest.mark.browser
HOME = Path(os.environ["SQID_INSTALLED"]).resolve()
PAGES = {
    "": "",
    "compare": "Compare",
    "queries": "Queries",
    "evaluate": "Evaluate",
    "breakdown": "Breakdown",
    "dataset": "Dataset",
    "about": "About",
}
# Pages that a missing extra leaves with a sentence, by its name.
EXTRA_PAGES = {"judge": "judge"}
# Pages that are there where the server has a login.
LOGIN_PAGES = ("account",)
# Nothing of the checkout, and no model from the network.
ENVIRONMENT = {"PATH": f"{HOME / 'bin'}:{os.defpath}", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder, in which the demo is built."""
    return tmp_path_factory.mktemp("empty")


def ran(folder: Path, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """A command of the new environment, which must end with `code`."""
    environment = ENVIRONMENT | {"HOME": str(folder)}
    done = subprocess.run(
        [HOME / "bin" / words[0], *words[1:]], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `sqid app`, started in `folder`."""
    port = free_port()
    command = [str(HOME / "bin" / "sqid"), "app", "--port", str(port), "--address", "127.0.0.1"]
    with (folder / "app.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT | {"HOME": str(folder)}, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The app over the demo that `sqid demo` builds in the empty folder."""
    ran(folder, "sqid", "demo")
    with served(folder) as found:
        yield found


def test_the_program_comes_from_the_wheel_alone(folder: Path) -> None:
    code = "import sqid_ui, sqid_core, precompute, sys, json; print(json.dumps([sys.path, sqid_ui.__file__, "
    code += "sqid_core.__file__, precompute.__file__]))"
    path, *files = json.loads(ran(folder, "python", "-c", code).stdout)
    assert all(Path(file).is_relative_to(HOME) for file in files)
    assert not any(Path(entry).resolve().is_relative_to(ROOT) for entry in path if entry)


def test_the_wheel_has_three_names_of_its_own(folder: Path) -> None:
    code = "from importlib.metadata import files; print(*{file.parts[0] for file in files('sqid-explorer')})"
    names = set(ran(folder, "python", "-c", code).stdout.split()) - {".."}
    assert {name for name in names if not name.endswith(".dist-info")} == {"sqid_core", "sqid_ui", "precompute"}


def test_no_extra_is_installed(folder: Path) -> None:
    code = "from importlib.metadata import distributions as d; print(*{e.name for e in d()})"
    installed = set(map(normal, ran(folder, "python", "-c", code).stdout.split()))
    base = declared(PROJECT["project"]["dependencies"])
    assert base <= installed
    assert not installed & (declared(*EXTRAS.values()) - base)


def test_the_command_says_its_version(folder: Path) -> None:
    assert sqid_core.__version__ in ran(folder, "sqid", "--version").stdout


def test_a_missing_extra_is_one_sentence(folder: Path, address: str) -> None:
    words = ["--signal", "x", "--modality", "text", "--family", "sentence-transformers", "--model", "all-MiniLM-L6-v2"]
    said = ran(folder, "sqid", "encode", "data/demo", *words, code=2).stderr.strip()
    assert "pip install 'sqid-explorer[rankers]'" in said
    assert len(said.splitlines()) == 1


def test_the_demo_is_whole(folder: Path, address: str) -> None:
    ran(folder, "sqid", "verify", "data/demo")


def test_a_ranking_is_shown(visit: Callable[..., Any]) -> None:
    page = visit()
    for name in ("text", "fused", "image"):
        assert page.locator(CARDS.format(name)).count() >= 10


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_the_base_alone(browser: Any, address: str, name: str) -> None:
    title = f"{PAGES[name] or 'Search'} · SQID Explorer"
    with visitor(browser, address) as go:
        page = go(name, wait_for="[data-testid='stMainBlockContainer']")
        page.wait_for_function("title => document.title === title", arg=title)
        settled(page)
        assert len(page.get_by_test_id("stMainBlockContainer").inner_text()) > 200
        assert page.locator("[data-testid='stException'], [data-testid='stAlertContentError']").count() == 0


@pytest.mark.parametrize("name", EXTRA_PAGES)
def test_a_page_names_the_extra_that_it_lacks(visit: Callable[..., Any], name: str) -> None:
    page = visit(name, wait_for="[data-testid='stAlertContentError']")
    settled(page)
    said = page.locator("[data-testid='stAlertContentError']").inner_text()
    assert f"pip install 'sqid-explorer[{EXTRA_PAGES[name]}]'" in said
    assert page.get_by_test_id("stException").count() == 0


def test_the_pages_here_are_all_pages() -> None:
    known = {name or "search" for name in (*PAGES, *EXTRA_PAGES, *LOGIN_PAGES)}
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == known


def test_the_first_visit_draws_the_demo(browser: Any, tmp_path: Path) -> None:
    with served(tmp_path) as address, visitor(browser, address) as go:
        page = go(wait_for="[data-testid='stMainBlockContainer']")
        page.wait_for_selector(CARDS.format("fused"), timeout=300_000)
        assert (tmp_path / "data" / "demo" / "manifest.json").exists()
