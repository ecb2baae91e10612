"""The command `sqid`: the verbs, and the app."""

from __future__ import annotations

from typing import Any

import pytest
from places import APP

import sqid_core
from precompute.__main__ import VERBS
from sqid_ui.command import app_script, main


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Streamlit's own command line is given."""
    from streamlit.web import cli

    words: list[str] = []
    monkeypatch.setattr(cli, "main", lambda args, **_: words.extend(args))
    return words


def test_app_starts_streamlit_on_the_apps_script(given: list[str]) -> None:
    assert main(["app"]) == 0
    assert given == ["run", APP]
    assert str(app_script()) == APP


def test_app_passes_streamlits_options_on(given: list[str]) -> None:
    words = ["--port", "8600", "--server.baseUrlPath", "shop", "--address=::1", "--theme.base=dark"]
    assert main(["app", *words]) == 0
    assert given[2:4] == ["--server.port=8600", "--server.address=::1"]
    assert given[4:] == ["--server.baseUrlPath", "shop", "--theme.base=dark"]


@pytest.mark.parametrize("port", ["no", "0", "65536"])
def test_a_port_that_is_none_is_refused(given: list[str], port: str, capsys: Any) -> None:
    assert main(["app", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err
    assert not given


def test_app_explains_itself(capsys: Any) -> None:
    assert main(["app", "--help"]) == 0
    assert "SQID_DATA" in capsys.readouterr().out


def test_the_overview_names_the_verbs_and_the_app(capsys: Any) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: sqid ")
    assert all(f"  {name} " in shown for name in [*VERBS, "app"])


def test_all_other_words_are_verbs(tmp_path: Any, capsys: Any) -> None:
    assert main(["verify", str(tmp_path / "nothing")]) == 2
    assert main(["no-such-verb"]) == 2
    said = capsys.readouterr().err
    assert "no-such-verb" in said
    assert "see sqid --help" in said


def test_the_version_is_told(capsys: Any) -> None:
    assert main(["--version"]) == 0
    assert sqid_core.__version__ in capsys.readouterr().out
