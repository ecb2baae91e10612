"""Links and settings: reading what was written gives the same settings, and nothing makes it fail."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sqid_core.fusion import METHODS, MISSING_IMAGE, NORMS
from ui.markup import plain
from ui.state import (
    LONGEST_LINKED_TEXT,
    PARAMETERS,
    SCOPES,
    SHOWN,
    Choices,
    SearchSettings,
    coherent_norm,
    default_settings,
    norms_of,
    read_link,
    write_link,
)

CHOICES = Choices(frozenset({"1", "02", "x y"}), ("paper", "esci-script"), "02")
TEXTS = st.text(max_size=60).map(str.strip)


@st.composite
def settings(draw: st.DrawFn) -> SearchSettings:
    text = draw(TEXTS)
    method = draw(st.sampled_from(METHODS))
    return SearchSettings(
        text=text,
        query_id="" if text else draw(st.sampled_from(sorted(CHOICES.query_ids))),
        weight=draw(st.integers(0, 100)) / 100,
        method=method,
        norm=coherent_norm(method, draw(st.sampled_from(NORMS))),
        missing=draw(st.sampled_from(MISSING_IMAGE)),
        scope=draw(st.sampled_from(SCOPES)),
        shown=draw(st.sampled_from(SHOWN)),
        gains=draw(st.sampled_from(CHOICES.gain_names)),
    )


@given(settings())
def test_a_link_gives_back_the_settings(wanted: SearchSettings) -> None:
    found, rejected = read_link(write_link(wanted, CHOICES), CHOICES)
    assert found == wanted
    assert rejected == ()


@given(settings())
def test_settings_always_make_a_fusion(wanted: SearchSettings) -> None:
    assert wanted.fusion.method == wanted.method
    assert wanted.norm in norms_of(wanted.method)


@given(st.dictionaries(st.sampled_from([*PARAMETERS, "bundle", "utm"]), st.text(max_size=30)))
def test_any_link_is_read(link: dict[str, str]) -> None:
    found, rejected = read_link(link, CHOICES)
    assert isinstance(found.fusion.image_weight, float)
    assert found.text or found.query_id in CHOICES.query_ids
    assert set(rejected) <= set(link)


def test_defaults_make_an_empty_link() -> None:
    assert write_link(default_settings(CHOICES), CHOICES) == {}
    assert read_link({}, CHOICES) == (default_settings(CHOICES), ())


def test_a_text_too_long_for_a_link_is_left_out() -> None:
    found, _ = read_link({"q": "a" * (LONGEST_LINKED_TEXT + 1), "w": "0.10"}, CHOICES)
    assert write_link(found, CHOICES) == {"w": "0.10"}


def test_markdown_is_escaped() -> None:
    assert plain("a *b* [c](d) $e$ :red[f]\n# g") == ("a \\*b\\* \\[c\\]\\(d\\) \\$e\\$ \\:red\\[f\\] \\# g")


def test_the_app_imports_no_torch_before_the_first_view() -> None:
    code = "import sys, ui.views, ui.frame; sys.exit(bool({'torch', 'open_clip'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=True)


def test_the_settings_keep_the_server_offline() -> None:
    settings = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"] == {"serverAddress": "localhost", "gatherUsageStats": False}
    assert settings["server"]["fileWatcherType"] == "none"
    assert set(settings["theme"]["light"]) == set(settings["theme"]["dark"])
