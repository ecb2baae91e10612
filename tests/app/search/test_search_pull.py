"""A product that is pulled to a rank, as the page tells it to the board."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from searching import board, give, link_of, opened, rerun, said, set_to

from sqid_core.analysis.query_sets import read_set
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import dataset_curves, evaluate, fusion_run
from sqid_core.ranking.candidates import slate_candidates
from sqid_core.ranking.fusion import Fusion, fuse
from sqid_core.ranking.ranks import order
from sqid_ui.caches.query_sets import query_set

pytestmark = pytest.mark.usefixtures("word_encoder")
QUERY, NOW = "01", 0.5


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


def ranked(dataset: Dataset, weight: float) -> list[str]:
    candidates = slate_candidates(dataset, dataset.judgements.row_of(QUERY), Fusion())
    assert candidates.columns is not None
    return list(dataset.products["product_id"].iloc[candidates.rows[order(fuse(candidates.columns, Fusion(), weight))]])


def ndcgs(dataset: Dataset, weight: float) -> npt.NDArray[np.float64]:
    return evaluate(dataset, fusion_run(dataset, Fusion(image_weight=weight))).per_query["ndcg"].to_numpy()


def test_the_weight_to_take_does_it_and_costs_what_the_runs_say(dataset: Dataset) -> None:
    priced = refused = 0
    for product_id in ranked(dataset, NOW)[:6]:
        at = opened(query=QUERY, pull=f"2~{product_id}")
        pull, products = board(at)["pull"], board(at)["products"]
        assert link_of(at)["pull"] == f"2~{product_id}"
        assert products["id"][pull["product"]] == product_id
        if pull["weight"] is None:
            refused += 1
            assert pull["says"].startswith("No weight does: ")
            assert pull["bands"] == []
            continue
        assert ranked(dataset, pull["weight"]).index(product_id) < 2
        assert any(low <= pull["weight"] <= high for low, high in pull["bands"])
        if pull["weight"] != NOW:
            priced += 1
            change = ndcgs(dataset, pull["weight"]) - ndcgs(dataset, NOW)
            losing, winning = int((change < -1e-12).sum()), int((change > 1e-12).sum())
            assert pull["queries"] == {"losing": losing, "winning": winning}
            assert f"{losing} lose, {winning} win" in pull["says"]
    assert priced
    assert refused


@pytest.mark.parametrize("walked", ["preset-fusion hurts", f"find-e~~{'Long ' * 12}".strip()])
def test_of_a_set_the_price_is_over_the_set_and_says_so(
    dataset: Dataset, walked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[dict[str, str]] = []
    monkeypatch.setattr("sqid_ui.search.pulling.st.switch_page", lambda page, query_params: went.append(query_params))
    chosen = query_set(dataset, read_set(walked))
    rows = np.array([dataset.judgements.row_of(query_id) for query_id in chosen.ids])
    mean = dataset_curves(dataset, Fusion()).mean(rows)
    priced = set()
    for product_id in ranked(dataset, NOW)[:6]:
        pull = board(opened(query=QUERY, pull=f"2~{product_id}", set=walked))["pull"]
        if pull["weight"] is None:
            continue
        stops = [stop / 100 for stop in range(101) if ranked(dataset, stop / 100).index(product_id) < 2]
        assert mean.at(pull["weight"]) == pytest.approx(max(map(mean.at, stops)))
        if pull["weight"] == NOW:
            continue
        change = (ndcgs(dataset, pull["weight"]) - ndcgs(dataset, NOW))[rows]
        lose, win = rows[change < -1e-12], rows[change > 1e-12]
        assert pull["queries"] == {"losing": len(lose), "winning": len(win)}
        assert f" of the set “{chosen.name[:20]}" in pull["says"]
        for action, moved in (("losing", lose), ("winning", win)):
            if not len(moved):
                continue
            at = opened(query=QUERY, set=walked)
            at.session_state["pull goes to"] = (action, f"{pull['weight']}")
            give(at, "pull", None)
            rerun(at)
            opens = query_set(dataset, read_set(went[-1]["set"]))
            assert opens.ids == tuple(dataset.judgements.query_ids[moved])
            assert opens.name.startswith(f"{action} at {pull['weight']:.2f}".replace("0.", "."))
            priced.add(action)
        if priced:
            break
    assert priced


def test_who_is_always_ahead_is_told(dataset: Dataset) -> None:
    """The last by text and by picture has all others ahead."""
    last = ranked(dataset, 0.0)[-2:]
    pulls = [board(opened(query=QUERY, pull=f"1~{product_id}"))["pull"] for product_id in last]
    assert any(pull["ahead"] for pull in pulls)
    assert all(f"{len(p['ahead']):,} product" in p["says"] for p in pulls if len(p["ahead"]) > 1)


@pytest.mark.parametrize("pull", ["0~P001", "²~P001", "2~nobody", "2"])
def test_nonsense_pulls_nothing(dataset: Dataset, pull: str) -> None:
    at = opened(query=QUERY, pull=pull)
    assert board(at)["pull"] is None
    assert "pull" not in link_of(at)
    assert at.warning or "pull" in said(at)


def test_a_pull_ends_with_its_query_and_its_slate(dataset: Dataset) -> None:
    product_id = ranked(dataset, NOW)[2]
    at = opened(query=QUERY, pull=f"1~{product_id}")
    set_to(at, "query_id", "03")
    assert board(at)["pull"] is None
    assert "pull" not in link_of(at)
    # A product that this query was not judged with is in no list.
    other = next(i for i in dataset.products["product_id"] if i not in ranked(dataset, NOW))
    assert board(opened(query=QUERY, pull=f"1~{other}"))["pull"] is None


def test_a_marked_product_ends_with_its_query_too(dataset: Dataset) -> None:
    product_id = ranked(dataset, NOW)[2]
    at = opened(query=QUERY, mark=product_id)
    shown = board(at)
    assert shown["products"]["id"][shown["mark"]] == product_id
    set_to(at, "query_id", "03")
    assert board(at)["mark"] is None
    assert "mark" not in link_of(at)


def test_of_a_catalogue_a_rank_is_pulled_to_where_it_is_sure(dataset: Dataset) -> None:
    product_id = ranked(dataset, NOW)[0]
    pull = board(opened(query=QUERY, scope="catalogue", pull=f"3~{product_id}"))["pull"]
    assert pull["says"].startswith(("Reaches 3 ", "No weight does: "))
    far = board(opened(query=QUERY, scope="catalogue", k="10", pull=f"50~{product_id}"))["pull"]
    assert far["says"].startswith("Of the whole catalogue only the first ")


def test_what_loses_opens_in_compare_as_a_queue(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(
        "sqid_ui.search.pulling.st.switch_page", lambda page, query_params: went.append((page, query_params))
    )
    at = opened(query=QUERY, w="0.30")
    at.session_state["pull goes to"] = ("winning", "0.64")
    give(at, "pull", None)
    rerun(at)
    page, link = went[0]
    assert page == "pages/compare.py"
    assert link["queue"] == "wins"
    assert link["a"].startswith("fused~w0.3~")
    assert link["b"] == link["a"].replace("w0.3", "w0.64")
