"""Caches: all in one folder and bounded, by one rule, and no visitor is served what another bundle or order gave."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import DenseSignal, ScoredSignal
from sqid_core.ranking.fusion import Fusion
from sqid_ui.caches import judged_queries, measuring, slates
from sqid_ui.caches.keys import Kept, Keyed, cached, kept_bytes

ROOT = Path(__file__).parents[3]
CACHES = ROOT / "sqid_ui" / "caches"
# What keeps results; those that need a bound have it as an argument.
_KEEPING = {"cache", "lru_cache", "cache_data", "cache_resource", "cached", "Kept"}
_BOUNDS = {"maxsize", "max_entries"}


def keepers(source: str) -> Iterator[tuple[str, bool]]:
    """(name, whether it is bounded) of everything in a module that keeps results: decorators and calls."""
    tree = ast.parse(source)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    imported = {id(node) for node in ast.walk(tree) if isinstance(node, ast.arg | ast.alias)}
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in _KEEPING and id(node) not in imported and not isinstance(getattr(node, "ctx", None), ast.Store):
            call = called.get(id(node))
            given = [] if call is None else [*call.args[:1], *(k.value for k in call.keywords if k.arg in _BOUNDS)]
            if call is not None or isinstance(node, ast.Attribute) or name in {"cache", "lru_cache"}:
                yield name, any(not (isinstance(each, ast.Constant) and each.value is None) for each in given)


def sources(*places: str) -> dict[str, str]:
    files = [
        file for place in places for file in ((ROOT / place).rglob("*.py") if "." not in place else [ROOT / place])
    ]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def test_every_cache_of_the_app_is_among_the_caches() -> None:
    found = {name: list(keepers(text)) for name, text in sources("sqid_ui", "pages", "app.py").items()}
    assert sum(map(len, found.values())) > 30
    assert {name for name, kept in found.items() if kept and CACHES not in (ROOT / name).parents} == set()


def test_every_cache_is_bounded() -> None:
    found = {name: list(keepers(text)) for name, text in sources("sqid_ui", "sqid_core", "precompute").items()}
    assert {name for name, kept in found.items() if not all(bounded for _, bounded in kept)} == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@cache\ndef f(): ...", [("cache", False)]),
        ("@functools.lru_cache(maxsize=None)\ndef f(): ...", [("lru_cache", False)]),
        ("@lru_cache\ndef f(): ...", [("lru_cache", False)]),
        ("@lru_cache(8)\ndef f(): ...", [("lru_cache", True)]),
        ("@st.cache_data\ndef f(): ...", [("cache_data", False)]),
        ("@st.cache_resource(show_spinner=False)\ndef f(): ...", [("cache_resource", False)]),
        ("@cached(max_entries=4)\ndef f(): ...", [("cached", True)]),
        ("from functools import cache\nkept = dict()", []),
    ],
)
def test_a_cache_is_seen(source: str, expected: list[tuple[str, bool]]) -> None:
    assert list(keepers(source)) == expected


@pytest.fixture
def both_orders(tiny_bundle: Path) -> Iterator[tuple[Dataset, Dataset]]:
    """A bundle with two text signals, either of them first."""
    dataset = load_bundle(tiny_bundle)
    scores = -dataset.signals["words_text"].slate_scores(dataset.judgements)
    signals = {**dataset.signals, "reversed": ScoredSignal("reversed", "text", scores)}
    both = Dataset(
        *(getattr(dataset, name) for name in ("folder", "manifest", "products", "queries", "judgements")), signals
    )
    st.cache_resource.clear()
    yield both, both.preferring("reversed")
    st.cache_resource.clear()


def test_the_order_of_the_signals_is_part_of_the_key(both_orders: tuple[Dataset, Dataset]) -> None:
    first, second = both_orders
    assert first.fingerprint == second.fingerprint
    assert first.key != second.key
    assert first.preferring("words_text").key == first.key
    for fusion in (None, Fusion("rrf")):
        a, b = (measuring.ndcgs(each, fusion, "paper") for each in both_orders)
        name = "text" if fusion is None else "fused"
        assert not np.array_equal(a[name], b[name], equal_nan=True)
        np.testing.assert_array_equal(measuring.ndcgs(first, fusion, "paper")[name], a[name])


def test_what_no_order_changes_is_kept_once(both_orders: tuple[Dataset, Dataset]) -> None:
    first, second = both_orders
    assert judged_queries.query_names(first) is judged_queries.query_names(second)
    assert judged_queries.single_ndcgs(first) is judged_queries.single_ndcgs(second)
    assert slates.signal_scores(first, "words_text") is slates.signal_scores(second, "words_text")
    assert isinstance(first.signals["words_text"], DenseSignal)


def test_a_cache_lets_the_oldest_go() -> None:
    made: list[object] = []

    @cached(max_entries=2)
    def numbered(work: Keyed[int]) -> int:
        made.append(work.key)
        return work.value

    for key in ("a", "b", "a", "c", "a", "b"):
        numbered(Keyed(key, 1))
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ZeroDivisionError):
        _failing(0)
    assert _failing(2) == 0.5


@cached(max_entries=2)
def _failing(number: int) -> float:
    return 1 / number


def test_kept_values_are_made_together_and_bounded() -> None:
    kept: Kept[str, str] = Kept("letters", 3)
    asked: list[list[int]] = []

    def make(keys: str) -> list[str]:
        def made(places: list[int]) -> list[str]:
            asked.append(places)
            return [keys[place].upper() for place in places]

        return kept.of(list(keys), made)

    assert make("ab") == ["A", "B"]
    assert make("bca") == ["B", "C", "A"]
    assert make("d") == ["D"]
    assert make("cad") == ["C", "A", "D"]
    assert make("b") == ["B"]
    assert asked == [[0, 1], [1], [0], [0]]
    assert make("abcde") == list("ABCDE")


def test_what_is_made_together_counts_in_the_one_bound() -> None:
    st.cache_resource.clear()
    kept: Kept[int, np.ndarray] = Kept("large", 100)
    before = kept_bytes()[0]
    kept.of(range(3), lambda places: [np.zeros(2**20, np.uint8) for _ in places])
    assert kept_bytes()[0] - before >= 3 * 2**20
    kept.of([0, 9], lambda places: [np.zeros(2**20, np.uint8) for _ in places])
    assert kept_bytes()[0] - before < 5 * 2**20
    st.cache_resource.clear()
