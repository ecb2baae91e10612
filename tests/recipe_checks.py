"""What CONTRIBUTING's recipes promise, once they were followed: run in a copy of the checkout by test_recipes.py.

Not collected where nothing was followed, since there it must fail.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from places import APP
from searching import link_of
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from sqid_core.analysis.groupings import groups_of
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.run_specs import RunSpec, write_run
from sqid_core.ranking.fusion import Fusion

pytestmark = pytest.mark.usefixtures("word_encoder")


def opened(page: str, **link: str) -> AppTest:
    """A page as a visitor sees it who comes with a link."""
    at = AppTest.from_file(APP, default_timeout=120)
    at.switch_page("pages/about.py").run()
    at.query_params.clear()
    for name, value in link.items():
        at.query_params[name.replace("_", "-")] = value
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception, at.exception
    assert not [each.value for each in at.warning], "the link was not understood"
    return at


def offered(at: AppTest) -> dict[str, list[str]]:
    """What each choice offers, by its label."""
    return {box.label: list(box.options) for box in at.selectbox}


def test_the_measure_is_a_column_of_evaluate(data_root: Path) -> None:
    tables = [each.value for each in opened("evaluate").dataframe]
    shown = next(table.set_index("method")["success@10"] for table in tables if "success@10" in table)
    assert len(shown) > 3
    assert shown["random order"] < shown["words_text"] <= 1


def test_the_method_and_the_norm_are_evaluated(data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", str(data_root / "tiny"), "--json", "--fusion", "log-ranks,sum-to-one,weighted-ranks,rrf"]
    assert precompute(words) == 0
    lines = {line["name"]: line["ndcg"] for line in json.loads(capsys.readouterr().out)["methods"]}
    assert {"log ranks 0.5", "log ranks best", "sum to one best", "sum to one cross-validated"} <= set(lines)
    assert lines["log ranks 0.5"] not in (lines["weighted ranks 0.5"], lines["rrf 0.5"])


@pytest.mark.parametrize("page", ["search", "queries", "breakdown"])
def test_pages_offer_the_method_and_the_norm(page: str, data_root: Path) -> None:
    at = opened(page, method="weighted scores", norm="sum to one", **({"q": "red mug"} if page == "search" else {}))
    choices = [name for options in offered(at).values() for name in options]
    assert {"Log ranks", "Sum to one"} <= set(choices)
    assert link_of(at)["norm"] == "sum to one"


def test_compare_takes_the_method_and_the_norm_in_a_link(data_root: Path) -> None:
    runs = {
        "a": write_run(RunSpec(fusion=Fusion("log ranks", 0.25))),
        "b": write_run(RunSpec(fusion=Fusion(norm="sum to one"))),
    }
    assert runs.items() <= link_of(opened("compare", **runs)).items()


def test_breakdown_groups_by_the_first_word(data_root: Path) -> None:
    at = opened("breakdown", group_by="first word")
    assert "The word that the query begins with." in [each.value.replace("\\", "") for each in at.caption]
    assert {"red", "blue", "mug"} <= set(groups_of(load_bundle(data_root / "tiny"), "first word").names)


def test_the_page_is_in_the_navigation_and_keeps_its_setting_in_the_link(data_root: Path) -> None:
    at = opened("labels", label_order="count")
    counts = at.dataframe[0].value["Judgements"].tolist()
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == load_bundle(data_root / "tiny").manifest.counts["judgements"]
    assert link_of(at)["label-order"] == "count"
    about = AppTest.from_file(APP, default_timeout=120).switch_page("pages/about.py").run()
    assert "**Labels**" in "".join(each.value for each in about.markdown)


def test_json_lines_become_a_bundle(tmp_path: Path) -> None:
    tables = {
        "products": [{"product_id": "007", "title": "Red apple"}, {"product_id": "b2", "title": "Green apple"}],
        "queries": [{"query_id": "1", "query": "apple"}],
        "judgements": [{"query_id": "1", "product_id": product, "label": "E"} for product in ("007", "b2")],
    }
    words = ["own", "--out", str(tmp_path / "made")]
    for name, rows in tables.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        words += [f"--{name}", str(tmp_path / f"{name}.jsonl")]
    assert precompute(words) == 0
    assert set(load_bundle(tmp_path / "made").products["product_id"]) == {"007", "b2"}
