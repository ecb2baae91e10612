"""Labels of pairs that rankings chose: no page gives their means an interval, a p or a verdict."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from analysing import opened, texts
from fixtures import build_tiny_bundle
from searching import row_lists
from streamlit.testing.v1 import AppTest

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.judging.acts import Act
from sqid_core.judging.books import Book
from sqid_core.judging.samples import drawn_queries
from sqid_core.ranking.fusion import Fusion
from sqid_core.store.opening import open_store
from sqid_ui.caches.measuring import band

pytestmark = pytest.mark.usefixtures("word_encoder")
CLAIM = re.compile(r"(.+ )?(low|high|p|p Holm|detectable)")
SAID = re.compile(r"95 %: |\bp [=<] |p undefined|surely|is better\*\*|better on the whole|helps|hurts")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chosen")
    build_tiny_bundle(folder / "data" / "tiny", copies=3)
    return folder


@pytest.fixture(scope="module")
def judges(place: Path) -> dict[str, str]:
    """Two judges who labelled a third of 24 queries otherwise: one in a book that was drawn by chance, one in a book
    that was chosen. Their ids, by the book."""
    dataset, store = load_bundle(place / "data" / "tiny"), open_store(place / "state")
    drawn = drawn_queries(dataset, 8, by_category=False)
    found = {}
    for name in ("chance", "chosen"):
        book = Book(name, name, dataset.name, dataset.fingerprint, drawn.source, name == "chance", blind=False)
        store.create_book(book, drawn.pairs)
        judge = store.enrol(f"secret-of-{name}".ljust(40, "x"), name, "judge")
        pairs = drawn.pairs[["query_id", "product_id"]].itertuples(index=False)
        acts = [
            Act(f"{name}{number}", "label", number, *pair, dataset.scale.names[number % 3], name)
            for number, pair in enumerate(pairs, 1)
        ]
        assert store.add(acts, judge.id, dataset.name, dataset.fingerprint).refused == {}
        found[name] = judge.id
    return found


@pytest.fixture(autouse=True)
def _here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(place / "data"))
    monkeypatch.setenv("SQID_STATE", str(place / "state"))


def claims(at: AppTest) -> list[str]:
    """What a page says beyond the queries that its numbers are of."""
    tables = [*(each.value for each in at.dataframe), *row_lists(at)]
    told = [
        f"{name} {table[name].dropna().tolist()[:3]}"
        for table in tables
        for name in table
        if (CLAIM.fullmatch(str(name)) or name in ("interval", "weights")) and table[name].notna().any()
    ]
    return told + SAID.findall(said(at))


def said(at: AppTest) -> str:
    return "\n".join([texts(at), *(str(each.delta) for each in at.metric)])


PAGES = [
    ("evaluate", {"view": "methods", "all": "1"}),
    ("evaluate", {"view": "weight"}),
    ("evaluate", {"view": "per-query"}),
    ("evaluate", {"view": "missing"}),
    ("breakdown", {"and_by": "none"}),
    ("compare", {}),
]


@pytest.mark.parametrize(("page", "link"), PAGES, ids=[f"{page} {link.get('view', '')}" for page, link in PAGES])
def test_means_under_labels_of_chosen_pairs_claim_nothing_more(
    judges: dict[str, str], page: str, link: dict[str, str]
) -> None:
    at = opened(page, labels=f"judge-{judges['chosen']}", **link)
    assert not at.exception
    assert "chosen by these rankers" in said(at)
    assert claims(at) == []


def test_those_of_drawn_pairs_do(judges: dict[str, str]) -> None:
    at = opened("breakdown", labels=f"judge-{judges['chance']}")
    assert "chosen by these rankers" not in said(at)
    assert claims(at) != []


def test_the_curve_has_no_band(place: Path) -> None:
    dataset = load_bundle(place / "data" / "tiny")
    for chosen in (False, True):
        shown = replace(dataset, label_set="majority~v1", labels_chosen=chosen)
        curves = dataset_curves(shown, Fusion())
        ends = band(shown, Fusion(), dataset.scale.default_gains, curves)
        assert np.isnan(ends).all() == chosen
