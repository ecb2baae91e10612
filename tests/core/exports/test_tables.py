"""Files that are taken along: they read back, whatever their texts, and say what they hold."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.exports.heading import Heading, bundle_line, one_line
from sqid_core.exports.tables import KINDS, Best, Shown, Table, csv_of, json_of, latex_of, markdown_of, without_formulas

HEADING = Heading("Methods", "Tiny (f00)", "paper (1 / 0)", "Good, Bad", "RRF", "0.50", "none", "zero", "8 queries")
FRAME = pd.DataFrame(
    {"method": ["text", "fused", "tuned"], "ndcg": [0.81234, 0.9, 0.95], "n": [8, 8, 8], "share": [0.5, None, 1.0]}
)
COLUMNS = {"method": Shown("Method"), "ndcg": Shown("NDCG", "%.4f"), "share": Shown("Share", "percent")}
BEST = Table(FRAME, COLUMNS, Best(("ndcg",), (True, True, False)))
ODD = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "a|b",
        "\\|",
        "[x]",
        "*",
        "=1+1",
        "#no",
        "100 %",
        "a & b",
        "--> x",
        "$x_1$",
        "{",
        "}",
        "\\\\",
        "<b>",
        "~^",
        "www.a.b",
        "",
    ]
)
TEXTS = st.lists(st.lists(ODD, min_size=2, max_size=2), min_size=1, max_size=4)


def _frame(rows: list[list[str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["one", "two"]).assign(n=range(len(rows)))


@settings(max_examples=40)
@given(TEXTS, ODD)
def test_csv_reads_back(rows: list[list[str]], title: str) -> None:
    frame = _frame(rows)
    text = csv_of(Table(frame), Heading(title, title, note=f"a,{title};{title}"))
    kept = without_formulas(frame).replace({"\r\n|\r": "\n"}, regex=True)
    read = pd.read_csv(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), comment="#", keep_default_na=False,
                       dtype={"one": str, "two": str}, skip_blank_lines=False)  # fmt: skip
    pd.testing.assert_frame_equal(read, kept)
    for line in text.split("\n", len(Heading(title, title, note="x").lines))[:-1]:
        cells = next(csv.reader([line.removeprefix("# ")]))
        assert not any(re.match(r"\s*[=+\-@]", cell) for cell in cells[1:])


@settings(max_examples=40)
@given(TEXTS, ODD)
def test_markdown_gives_the_same_cells(rows: list[list[str]], title: str) -> None:
    text = markdown_of(Table(_frame(rows), {"one": Shown(title)}), Heading(title, title))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert [token.type for token in tokens[:2]] == ["html_block", "table_open"]
    assert tokens[-1].type == "table_close"
    cells = ["".join(_words(child) for child in token.children or ()) for token in tokens if token.type == "inline"]
    wanted = [[one_line(cell) for cell in row] + [str(n)] for n, row in enumerate(rows)]
    assert cells == [one_line(title), "two", "n", *(cell for row in wanted for cell in row)]


def _words(token: Any) -> str:
    assert token.type in ("text", "text_special")
    return str(token.content)


@settings(max_examples=40)
@given(TEXTS, ODD)
def test_latex_is_balanced_and_escaped(rows: list[list[str]], title: str) -> None:
    text = latex_of(Table(_frame(rows), {"one": Shown(title)}), Heading(title, title, note=title))
    body = [line for line in text.splitlines() if not line.startswith("%")]
    assert all(line.startswith("%") for line in text.splitlines()[: len(text.splitlines()) - len(body)])
    bare = [re.sub(r"\\[&%$#_{}]", "", line) for line in body]
    assert "".join(bare).count("{") == "".join(bare).count("}")
    cells = [line for line in bare if line.endswith(r" \\")]
    assert len(cells) == len(rows) + 1
    for line in cells:
        assert line.count("&") == 2
        assert not re.match(r"[\[*]", line)
        assert not re.search(r"[%#^~_]|\\\\.", re.sub(r"\$(\\[a-z]+|-)\$", "", line.removesuffix(r"\\")))
        assert line.count("$") % 2 == 0
    begun, ended = (re.findall(rf"\\{what}{{(\w+)}}", text) for what in ("begin", "end"))
    assert [begun, ended] == [["table", "tabular"], ["tabular", "table"]]


def test_numbers_are_written_as_the_page_shows_them() -> None:
    latex = latex_of(BEST, HEADING)
    assert r"\begin{tabular}{lrrr}" in latex
    assert [line for line in latex.splitlines() if line.endswith(r"\\")] == [
        r"Method & NDCG & n & Share \\",
        r"text & 0.8123 & 8 & 50\% \\",
        r"fused & \textbf{0.9000} & 8 & -- \\",
        r"tuned & 0.9500 & 8 & 100\% \\",
    ]
    markdown = markdown_of(BEST, HEADING)
    assert "| fused | **0.9000** | 8 | – |" in markdown
    assert csv_of(BEST, HEADING).splitlines()[-3:] == [
        '"text",0.81234,8,0.5',
        '"fused",0.9,8,""',
        '"tuned",0.95,8,1.0',
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_says_what_it_holds(kind: str) -> None:
    text = KINDS[kind].write(BEST, HEADING)
    if kind == "JSON":
        text = "\n".join(f"{name}: {value}" for name, value in json.loads(text)["about"].items())
    for line in HEADING.lines:
        assert line in text
    assert {line.partition(":")[0] for line in HEADING.lines} >= {
        "bundle", "gains", "labels", "method", "weight", "norm", "missing pictures", "n", "date", "link",
    }  # fmt: skip


def test_an_empty_table_is_a_table() -> None:
    for kind in KINDS.values():
        assert "method" in kind.write(Table(FRAME.iloc[:0]), HEADING)
    assert json.loads(json_of(Table(FRAME.iloc[:0]), HEADING))["rows"] == []


def test_a_files_name_is_short_and_plain() -> None:
    told = Heading("T", "Böse/../Läden: 50 % (f00)", "paper", method="Fused · RRF", weight="0.50", date="2026-11-28")
    assert told.file_name("measures") == "bose-laden-50_measures_fused-rrf_w0.50_paper_2026-11-28"
    assert len(Heading("T", "x" * 999, "y" * 999).file_name("z" * 999)) <= 120
    assert Heading("", "日本", date="none").file_name("") == "sqid"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ODD, st.floats() | st.none()), max_size=4))
def test_json_reads_back_and_says_what_it_holds(rows):
    frame = pd.DataFrame(rows, columns=["method", "ndcg"]).astype({"ndcg": "float64"})
    found = json.loads(json_of(Table(frame), HEADING))
    assert found["about"]["title"] == "Methods"
    assert [row["method"] for row in found["rows"]] == frame["method"].tolist()
    for row, value in zip(found["rows"], frame["ndcg"], strict=True):
        expected = value if math.isfinite(value) else None
        assert row["ndcg"] == expected


def test_what_is_taken_from_a_private_bundle_says_so(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "tiny"
    shutil.copytree(tiny_bundle, bundle)
    dataset = load_bundle(bundle)
    assert bundle_line(dataset) == f"{dataset.manifest.about['title']} ({dataset.fingerprint[:12]})"
    with BundleWriter(bundle) as writer:
        writer.show_to(["groups=team"])
    assert bundle_line(load_bundle(bundle)).endswith(f"({dataset.fingerprint[:12]}, private: not for everybody)")
