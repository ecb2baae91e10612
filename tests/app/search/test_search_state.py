"""Links and settings: reading what was written gives the same settings, and nothing makes it fail."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from links import read_link, write_link
from places import ROOT

from sqid_core.analysis.map_area import Area
from sqid_core.analysis.query_groups import DIFFICULTIES
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS
from sqid_core.wording import folded
from sqid_ui.parts.markup import plain
from sqid_ui.search.state import LONGEST_LINKED_TEXT, SCOPES, SHOWN, Choices, coherent, search_settings, settings_of
from sqid_ui.settings.shared import HIGHEST_RRF_K

ODD_NAMES = ("Home & Garden", "a|b", "50% off", "%7C", "ünï", "x+y = z")
CHOICES = Choices(
    frozenset({"1", "02", "x y"}),
    ("paper", "esci-script"),
    "02",
    product_ids=frozenset({"0001", "B 2"}),
    categories=ODD_NAMES,
    brands=frozenset(map(folded, ODD_NAMES)),
    topics=ODD_NAMES,
    sources=("other", "nlqec"),
    text_signals=("clip_text", "sbert_text"),
    image_signals=("clip_image",),
    rerankers=("cross",),
    apart=frozenset({("sbert_text", "clip_image")}),
    maps={"clip_text": "0a1b2c3d"},
)
PRICES = st.none() | st.integers(0, 10**9).map(lambda cents: cents / 100)
AREAS = st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), min_size=3, max_size=64).map(
    lambda corners: Area("clip_text", "0a1b2c3d", tuple(corners))
)
TEXTS = st.text(max_size=60).map(str.strip)


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    text, like = draw(TEXTS), draw(st.sampled_from(["", "0001", "B 2"]))
    text_signal = draw(st.sampled_from(CHOICES.text_signals))
    method = draw(st.sampled_from(CHOICES.methods_of(text_signal, "clip_image")))
    names = st.lists(st.sampled_from(ODD_NAMES), unique=True, max_size=4).map(tuple)
    return {
        "text": text,
        "query_id": "" if text or like else draw(st.sampled_from(sorted(CHOICES.query_ids))),
        "like": like,
        "words": draw(st.integers(0, 100)) / 100,
        "rrf_k": draw(st.integers(1, HIGHEST_RRF_K)),
        "text_signal": text_signal,
        "image_signal": "clip_image",
        "categories": draw(names),
        "brands": draw(names),
        "price_from": draw(PRICES),
        "price_to": draw(PRICES),
        "picture": draw(st.sampled_from(["", "with", "without"])),
        "topic": draw(st.sampled_from(["", *ODD_NAMES])),
        "source": draw(st.sampled_from(["", "nlqec"])),
        "difficulty": draw(st.sampled_from(["", *DIFFICULTIES])),
        "product": draw(st.sampled_from(["", "0001"])),
        "judged_only": draw(st.booleans()),
        "reranker": draw(st.sampled_from(["", "cross"])),
        "mark": draw(st.sampled_from(["", "B 2"])),
        "area": draw(st.none() | AREAS),
        "pull": draw(st.none() | st.tuples(st.sampled_from(["0001", "B 2"]), st.integers(1, 500))),
        "upload": "",
        "w": draw(st.integers(0, 100)) / 100,
        "method": method,
        "norm": METHODS[method].coherent_norm(draw(st.sampled_from(list(NORMS)))),
        "missing": draw(st.sampled_from(list(MISSING_IMAGE))),
        "scope": draw(st.sampled_from(SCOPES)),
        "shown": draw(st.sampled_from(SHOWN)),
        "gains": draw(st.sampled_from(CHOICES.gain_names)),
    }


TABLE = settings_of(CHOICES)


def read(link: dict[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    return read_link(link, TABLE, lambda values: coherent(values, CHOICES))


@given(settings())
def test_a_link_gives_back_the_settings(wanted: dict[str, Any]) -> None:
    found, rejected = read(write_link(wanted, TABLE))
    assert found == wanted
    assert rejected == ()


@given(settings())
def test_settings_always_make_a_fusion(wanted: dict[str, Any]) -> None:
    fusion = search_settings(wanted).fusion
    assert (fusion.method, fusion.image_weight) == (wanted["method"], wanted["w"])
    assert fusion.norm in METHODS[fusion.method].norms


PARAMETERS = [setting.linked for setting in TABLE if setting.linked]


@given(st.dictionaries(st.sampled_from([*PARAMETERS, "bundle", "utm"]), st.text(max_size=30)))
def test_any_link_is_read(link: dict[str, str]) -> None:
    found, rejected = read(link)
    assert isinstance(search_settings(found).fusion.image_weight, float)
    assert found["text"] or found["query_id"] in CHOICES.query_ids
    assert set(rejected) <= set(link)


def test_defaults_make_an_empty_link() -> None:
    assert write_link({}, TABLE) == {}
    assert read({}) == ({setting.name: setting.default for setting in TABLE}, ())


def test_a_text_too_long_for_a_link_is_left_out() -> None:
    found, _ = read({"q": "a" * (LONGEST_LINKED_TEXT + 1), "w": "0.10"})
    assert found["text"]
    assert write_link(found, TABLE) == {"w": "0.10"}


def test_markdown_is_escaped() -> None:
    assert plain("https://evil.example") == "https\\://\u2060evil\\.example"
    assert plain("www.evil.example") == "www\u2060\\.evil\\.example"
    assert plain("me@evil.example") == "me\u2060@evil\\.example"
    assert plain("a *b* [c](d) $e$ :red[f]\n# g") == ("a \\*b\\* \\[c\\]\\(d\\) \\$e\\$ \\:red\\[f\\] \\# g")


def test_the_app_imports_no_torch_before_the_first_view() -> None:
    code = (
        "import sys, sqid_ui.search.page, sqid_ui.shell.frame; "
        "sys.exit(bool({'torch', 'open_clip'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_settings_keep_the_server_offline() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"] == {"serverAddress": "localhost", "gatherUsageStats": False}
    assert settings["server"]["fileWatcherType"] == "none"
    assert set(settings["theme"]["light"]) == set(settings["theme"]["dark"])
