"""What tables show of what is not there."""

from __future__ import annotations

import re

import pandas as pd
from places import ROOT
from streamlit.testing.v1 import AppTest

from sqid_core.exports.heading import Heading
from sqid_core.exports.tables import Table, csv_of
from sqid_ui.parts.show import NOTHING

UNKNOWN = pd.DataFrame({"p": [0.01, None], "name": ["a", None], "n": pd.array([1, None], "Int64")})


def _page() -> None:
    import pandas as pd

    from sqid_ui.parts import show

    show.table("Table", pd.DataFrame({"p": [0.01, None], "name": ["a", None]}), "A caption.", "some")


def test_a_table_has_a_dash_where_nothing_is_known() -> None:
    at = AppTest.from_function(_page).run()
    assert not at.exception
    assert [each.proto.placeholder for each in at.dataframe] == [NOTHING]


def test_a_file_leaves_the_cell_empty() -> None:
    lines = csv_of(Table(UNKNOWN), Heading("T", "Tiny")).splitlines()
    assert lines[-3:] == ['"p","name","n"', '0.01,"a",1', '"","",""']


def test_every_table_goes_through_the_one_that_does_so() -> None:
    own = re.compile(r"\bst\.(dataframe|data_editor|table)\(|(?<!st)\.(dataframe|data_editor)\(")
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("pages", "sqid_ui")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if own.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["sqid_ui/parts/show.py"]
