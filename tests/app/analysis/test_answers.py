"""Sentences that say what a table found, also where it found nothing good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysing import opened, texts

from precompute.__main__ import main
from sqid_ui.analysis.breakdown.where_better import most_and_least

CASES = Path(__file__).parents[2] / "steps" / "cases"


def group(name: str, lift: float) -> pd.Series:
    return pd.Series({"group": name, "lift": lift})


def test_what_hurts_everywhere_does_most_for_nobody() -> None:
    good, poor, worse = group("Toys", 0.02), group("Books", -0.033), group("Home", -0.1)
    assert most_and_least("Fusing", "text", good, group("Home", 0.01)) == (
        "**Fusing does most for Toys (+0.0200 against text)** and least for Home (+0.0100)"
    )
    assert most_and_least("Fusing", "text", good, poor) == (
        "**Fusing does most for Toys (+0.0200 against text)** and costs most for Books (-0.0330)"
    )
    assert most_and_least("Fusing", "text", poor, worse) == (
        "**Fusing gains nothing against text in any group**: "
        "it costs least for Books (-0.0330) and most for Home (-0.1000)"
    )
    assert most_and_least("Fusing", "text", poor, poor) == (
        "**Fusing gains nothing against text in any group**: Books (-0.0330)"
    )


@pytest.fixture
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder, case = tmp_path / "data" / "short", CASES / "short_run"
    tables = [word for name in ("products", "queries", "judgements") for word in (f"--{name}", f"{case}/{name}.csv")]
    assert main(["own", *tables, "--out", str(folder)]) == 0
    for name, modality in (("deep", "text"), ("cut", "image")):
        run = ["--signal", name, "--modality", modality, "--run", f"{case}/{name}.run"]
        assert main(["run-file", str(folder), *run]) == 0
    monkeypatch.setenv("SQID_DATA", str(folder.parent))
    return folder


def test_evaluate_says_how_much_a_run_ranks_and_reads_it_as_asked(short: Path) -> None:
    for unranked, ndcg, rest in (("follow", 0.2794, "follows behind"), ("not-returned", 0.0, "is not returned")):
        at = opened("evaluate", unranked=unranked)
        assert not at.exception
        assert "cut ranks 15.0% of the judged pairs" in texts(at).replace("\\", "")
        assert rest in texts(at)
        table = next(each.value for each in at.dataframe if "ranked" in each.value)
        line = table[table["method"] == "cut"].iloc[0]
        assert (round(line["ndcg"], 4), line["ranked"]) == (ndcg, 0.15)
        assert np.isclose(table[table["method"] == "deep"].iloc[0]["ndcg"], 0.4307, atol=1e-4)


def test_every_page_says_how_much_a_run_ranks_and_what_becomes_of_the_rest(short: Path) -> None:
    for page in ("compare", "queries", "breakdown"):
        at = opened(page)
        assert not at.exception
        said = texts(at).replace("\\", "")
        assert "cut ranks 15.0% of the judged pairs. What it does not rank follows behind (re-ranking)." in said, page
        assert "deep ranks" not in said
    at = opened("search", query="1")
    assert "cut ranks 3 of them; the others follow behind." in texts(at).replace("\\", "")


def test_compare_says_it_beside_the_number_of_the_run(short: Path) -> None:
    at = opened("compare", a="signal~deep", b="signal~cut")
    assert [metric.delta.replace("\\", "") for metric in at.metric[:2]] == ["deep", "cut · ranks 15.0%"]
    assert "cut ranks 3 of them." in texts(at).replace("\\", "")
    assert "of the judged pairs" not in texts(opened("compare", a="signal~deep", b="signal~deep"))
