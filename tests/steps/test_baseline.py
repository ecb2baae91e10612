"""evaluate --save and --baseline: a ranking that has become worse ends with 1, what cannot be compared with 2."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.__main__ import main
from sqid_core.errors import InputError
from sqid_core.evaluation.intervals import difference_interval
from sqid_core.evaluation.regressions import changes
from sqid_core.evaluation.saved import SavedEvaluation, SavedMethod, read_evaluation, write_evaluation
from sqid_core.evaluation.significance import randomisation_p

SETTINGS = {
    "bundle": "b",
    "fingerprint": "f",
    "labels": "published",
    "gains": "paper",
    "count": "",
    "unranked": "follow",
    "relevant": "Exact",
}
COUNT = 40


def evaluation(values: Any, tested: bool = True, ids: Any = None, **settings: str) -> SavedEvaluation:
    """One method, `m`."""
    found = np.asarray(values, dtype=float)
    queries = tuple(f"q{i}" for i in range(len(found))) if ids is None else tuple(ids)
    texts = tuple(f"text of {query}" for query in queries)
    return SavedEvaluation(
        SETTINGS | settings, "2026-01-01", "1", queries, texts, {"m": SavedMethod("m", tested, {"ndcg": found})}
    )


@pytest.fixture(scope="module")
def kept(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "main.json"
    assert main(["evaluate", str(tiny_bundle), "--fusion", "rrf", "--save", str(path)]) == 0
    return path


def told(path: Path, out: Path, change: Any) -> Path:
    """The saved file with something changed."""
    held = json.loads(path.read_text())
    change(held)
    out.write_text(json.dumps(held))
    return out


def test_an_unchanged_ranking_passes_against_a_file_and_against_a_bundle(
    kept: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for baseline in (kept, tiny_bundle):
        assert main(["evaluate", str(tiny_bundle), "--fusion", "rrf", "--baseline", str(baseline), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["gate"]
        assert [each["name"] for each in found["methods"]] == ["words_text", "words_image", "rrf 0.5"]
        assert all(each["before"] == each["now"] and not each["worse"] for each in found["methods"])
        assert (found["not_compared"], found["unmatched_queries"]) == ([], 0)


def test_a_ranking_that_has_become_worse_ends_with_1_and_names_the_queries(
    kept: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def better(held: Any) -> None:
        for method in held["methods"]:
            method["values"]["ndcg"] = [v + 0.05 + 0.001 * i for i, v in enumerate(method["values"]["ndcg"])]

    before = told(kept, tmp_path / "before.json", better)
    words = ["evaluate", str(tiny_bundle), "--fusion", "rrf", "--baseline", str(before), "--save", str(tmp_path / "n")]
    assert main(words) == 1
    shown = capsys.readouterr()
    assert shown.out.count("WORSE") == 3
    worst = read_evaluation(before).queries[-1]
    assert f"words_text lost most on: {worst} “" in shown.out
    assert "3 methods of 3 lost more ndcg than 0.005: words_text by 0.0535" in shown.err
    assert read_evaluation(tmp_path / "n").settings == read_evaluation(kept).settings
    assert main([*words, "--max-loss", ".06"]) == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--max-loss", "0.1"], "against a --baseline"),
        (["--metric", "rr"], "against a --baseline"),
        (["--baseline", "KEPT", "--max-loss", "-1"], "must be 0 or more"),
        (["--baseline", "KEPT", "--max-loss", "nan"], "must be 0 or more"),
        (["--baseline", "KEPT", "--metric", "rr"], "has no rr of words_text; it has: ndcg"),
        (["--baseline", "KEPT", "--metric", "best"], "unknown metric 'best'"),
        (["--baseline", "KEPT", "--gains", "esci-script"], "has gains paper"),
        (["--baseline", "nowhere.json"], "cannot read nowhere.json"),
        (["--save", "no/such/folder.json"], "cannot write"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(
    kept: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    words = [str(kept) if each == "KEPT" else each for each in more]
    assert main(["evaluate", str(tiny_bundle), "--fusion", "none", *words]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert says in error


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.05))
def test_worse_is_where_the_paired_interval_lies_below(seed: int, most: float) -> None:
    rng = np.random.default_rng(seed)
    before, after = rng.random(COUNT), rng.random(COUNT)
    before[:3] = np.nan
    [found] = changes(evaluation(before), evaluation(after), "ndcg")
    low, high = difference_interval(after - before)
    assert found.interval == (low, high)
    assert found.is_worse(most) == (high < -most)
    assert found.difference == pytest.approx(np.nanmean(after - before))
    assert found.n == COUNT - 3
    lost = [each for _, _, each in found.lost_most()]
    assert lost == sorted(np.minimum(after - before, 0)[~np.isnan(before)])[: len(lost)]
    assert found.p == found.p_holm == pytest.approx(randomisation_p(after - before), abs=1e-12)


def test_queries_are_matched_by_their_ids() -> None:
    before = evaluation([0.1, 0.2, 0.3], ids=("a", "b", "c"))
    [found] = changes(before, evaluation([0.3, 0.5], ids=("c", "x")), "ndcg")
    assert (found.n, found.difference) == (1, 0)


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (evaluation([0.1], ids=("x",)), "no query in common"),
        (evaluation([0.1] * COUNT, tested=False), "no method to compare"),
        (evaluation([0.1] * COUNT, labels="majority"), "labels published and this evaluation has majority"),
    ],
)
def test_evaluations_of_other_things_are_refused(now: SavedEvaluation, says: str) -> None:
    with pytest.raises(InputError, match=says):
        changes(evaluation([0.1] * COUNT), now, "ndcg")


def test_a_measure_of_relevance_needs_one_threshold(kept: Path, tiny_bundle: Path, tmp_path: Path, capsys: Any) -> None:
    def named(name: str, **settings: str) -> SavedEvaluation:
        method = SavedMethod("m", True, {"rr": np.linspace(0, 1, COUNT), "ndcg": np.linspace(0, 1, COUNT)})
        return replace(evaluation([0.1] * COUNT, **settings), where=name, methods={"m": method})

    exact, wider, older = named("a"), named("b", relevant="Substitute"), named("c", relevant="")
    assert changes(exact, wider, "ndcg")
    with pytest.raises(InputError, match="a takes Exact and better for relevant, b Substitute and better"):
        changes(exact, wider, "rr")
    with pytest.raises(InputError, match="c does not say which labels rr took"):
        changes(older, exact, "rr")
    words = ["evaluate", str(tiny_bundle), "--fusion", "none", "--measures", "rr", "--relevant", "s"]
    assert main([*words, "--save", str(tmp_path / "s.json"), "--json"]) == 0
    told_of = json.loads(capsys.readouterr().out)
    assert told_of["relevant"] == ["Exact", "Substitute"]
    assert read_evaluation(tmp_path / "s.json").settings["relevant"] == "Substitute"
    assert read_evaluation(kept).settings["relevant"] == "Exact"
    assert main([*words, "--baseline", str(tmp_path / "s.json"), "--metric", "rr"]) == 0
    assert "relevant: Exact, Substitute" in capsys.readouterr().out
    assert main(["evaluate", str(tiny_bundle), "--relevant", "Good"]) == 2
    assert "unknown label 'Good'; expected one of: Exact (E)" in capsys.readouterr().err
    assert not told_of.keys() & {"labels"}


def test_labels_that_rankers_chose_claim_nothing() -> None:
    [found] = changes(evaluation([0.9] * COUNT), replace(evaluation([0.1] * COUNT), chosen=True), "ndcg")
    assert not found.is_worse(0.0)
    assert np.isnan([*found.interval, found.p, found.p_holm]).all()


def test_queries_count_by_their_traffic() -> None:
    before, after = evaluation([0.5, 0.5]), replace(evaluation([0.7, 0.4]), traffic=np.array([3.0, 1.0]))
    [found] = changes(before, after, "ndcg")
    assert found.difference == pytest.approx((3 * 0.2 - 0.1) / 4)
    assert (found.outcomes.wins, found.outcomes.losses) == (1, 1)


def test_a_saved_evaluation_is_read_as_it_was_written(tmp_path: Path) -> None:
    plain = evaluation([0.1, np.nan, 1 / 3])
    method = replace(plain.methods["m"], run="signal~m")
    wrote = replace(plain, traffic=np.array([0.0, 0.1, 2.0]), chosen=True, methods={"m": method})
    write_evaluation(tmp_path / "e.json", wrote)
    found = read_evaluation(tmp_path / "e.json")
    np.testing.assert_array_equal(found.methods["m"].values["ndcg"], wrote.methods["m"].values["ndcg"])
    np.testing.assert_array_equal(found.traffic, wrote.traffic)
    assert (found.chosen, found.methods["m"].run) == (True, "signal~m")
    assert (found.settings, found.queries, found.texts, found.made) == (
        wrote.settings,
        wrote.queries,
        wrote.texts,
        wrote.made,
    )


DAMAGED = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "another format": '{"format": "sqid-evaluation/9"}',
    "no queries": '{"format": "sqid-evaluation/1"}',
    "nan": '{"format": "sqid-evaluation/1", "made": NaN}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_anything_else_is_no_saved_evaluation(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.json").write_text(text)
    with pytest.raises(InputError, match=r"e\.json is no saved evaluation"):
        read_evaluation(tmp_path / "e.json")


CHANGES: dict[str, Any] = {
    "a query twice": lambda held: held["queries"].__setitem__(1, held["queries"][0]),
    "a text too few": lambda held: held["texts"].pop(),
    "a value too few": lambda held: held["methods"][0]["values"]["ndcg"].pop(),
    "a word as a value": lambda held: held["methods"][0]["values"]["ndcg"].__setitem__(0, "1"),
    "true as a value": lambda held: held["methods"][0]["values"]["ndcg"].__setitem__(0, True),
    "an infinite value": lambda held: held["methods"][0]["values"]["ndcg"].__setitem__(0, 10**400),
    "methods by name": lambda held: held.__setitem__("methods", {"a": 1}),
    "a setting missing": lambda held: held["settings"].pop("gains"),
    "values missing": lambda held: held["methods"][0].__setitem__("values", None),
    "a time that is none": lambda held: held.__setitem__("made", "yesterday"),
    "weights of nobody": lambda held: held.__setitem__("traffic", [0.0] * len(held["queries"])),
    "a weight too few": lambda held: held.__setitem__("traffic", [1.0]),
    "a value that is none": lambda held: held["methods"][0]["values"]["ndcg"].__setitem__(0, 1e300),
    "a method twice": lambda held: held.__setitem__("methods", held["methods"] * 2),
    "too many methods": lambda held: held.__setitem__(
        "methods", [held["methods"][0] | {"name": str(each)} for each in range(1_001)]
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_damaged_one_is_refused(kept: Path, tmp_path: Path, change: Any) -> None:
    with pytest.raises(InputError, match="is no saved evaluation"):
        read_evaluation(told(kept, tmp_path / "damaged.json", change))
