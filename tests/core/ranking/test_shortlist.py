"""The board's products against a ranking of the whole catalogue at every stop of the slider."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.ranking import shortlist as module
from sqid_core.ranking.candidates import Candidates, fused_ranking, signal_ranking
from sqid_core.ranking.fusion import Columns, Fusion, columns, fuse
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.shortlist import STOPS, first_at_every_stop, shortlist


def catalogue(fusion: Fusion, seed: int, count: int, ties: int, agreement: float) -> Candidates:
    """Scores on a grid of `ties` steps (0: none tied), one picture in five missing, some products equal in all."""
    rng = np.random.default_rng(seed)
    text = rng.normal(size=count)
    image = agreement * text + np.sqrt(1 - agreement**2) * rng.normal(size=count)
    if ties:
        text, image = np.round(text * ties) / ties, np.round(image * ties) / ties
    image[rng.random(count) < 0.2] = np.nan
    own = np.clip(rng.normal(0.2, 0.5, size=count), -1, 1)
    copies = rng.integers(count, size=(2, count // 5))
    for values in (text, image, own):
        values[copies[0]] = values[copies[1]]
    prepared = columns(fusion, text, image, text_image=own)
    return Candidates(np.arange(count, dtype=np.int32), text, image, prepared, np.full(count, -1, np.int8))


@st.composite
def fusions(draw: st.DrawFn) -> Fusion:
    method = draw(st.sampled_from(list(METHODS)))
    norm = draw(st.sampled_from(METHODS[method].norms))
    missing = draw(st.sampled_from(["zero", "text", "worst"]))
    return Fusion(method, draw(st.integers(0, 100)) / 100, norm, missing)


@given(
    fusions(),
    st.integers(0, 10**6),
    st.integers(1, 400),
    st.sampled_from([0, 1, 4, 1000]),
    st.sampled_from([-0.9, 0.0, 0.7]),
    st.integers(1, 25),
)
@settings(max_examples=150)
def test_the_certified_ranks_are_the_catalogues_at_every_stop(fusion, seed, count, ties, agreement, k):
    found = catalogue(fusion, seed, count, ties, agreement)
    few = shortlist(found, fusion, k, most=2 * k + seed % (4 * k))
    part = fuse(found.columns.take(few.positions), fusion, STOPS[:, None])
    whole = fuse(found.columns, fusion, STOPS[:, None])
    for stop, certified in enumerate(few.certified):
        expected = np.argsort(-whole[stop], kind="stable")[:certified]
        ours = few.positions[np.argsort(-part[stop], kind="stable")]
        np.testing.assert_array_equal(ours[:certified], expected)
    for modality in ("text", "image"):
        assert np.isin(signal_ranking(found, modality, k).positions, few.positions).all()
    enough = shortlist(found, fusion, k, most=count + 2 * k)
    assert (enough.certified == min(k, count)).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_larger_catalogue_of_few_products_that_matter(method):
    fusion = Fusion(method, 0.3, "z-score")
    found = catalogue(fusion, 5, 20_000, 0, 0.2)
    firsts = first_at_every_stop(found.columns, fusion, 20)
    for stop in (0, 1, 17, 50, 93, 100):
        expected = fused_ranking(found, Fusion(method, STOPS[stop], "z-score"), 20).positions
        np.testing.assert_array_equal(firsts[stop], expected)


def test_a_catalogue_of_equal_products_stays_fast_and_in_order(monkeypatch):
    monkeypatch.setattr(module, "_CROWD", 50)
    fusion = Fusion()
    count = 3_000
    text, image = np.repeat([0.5, 0.1], count // 2), np.full(count, 0.25)
    found = Candidates(np.arange(count), text, image, columns(fusion, text, image), np.full(count, -1))
    few = shortlist(found, fusion, 10)
    np.testing.assert_array_equal(few.positions, np.arange(10))
    assert (few.certified == 10).all()


def test_where_not_all_fit_the_present_weight_comes_first():
    fusion = Fusion("weighted ranks", 0.42)
    found = catalogue(fusion, 1, 5_000, 0, -0.9)
    few = shortlist(found, fusion, 50, most=150)
    assert few.certified[42] == 50
    assert few.certified.min() < 50
    assert len(few.positions) == 150


def test_products_that_do_not_count_are_as_if_not_there():
    fusion = Fusion("rrf", 0.5)
    found = catalogue(fusion, 2, 300, 4, 0.0)
    only = np.random.default_rng(0).random(300) < 0.3
    few = shortlist(found, fusion, 12, only=only)
    fused = np.where(only, fuse(found.columns, fusion), -np.inf)
    expected = np.argsort(-fused, kind="stable")[:12]
    assert np.isin(expected, few.positions).all()
    assert only[few.positions].all()
    assert few.certified[50] == 12
    nothing = shortlist(found, fusion, 12, only=np.zeros(300, bool))
    assert len(nothing.positions) == 0
    assert (nothing.certified == 0).all()


def test_one_signal_gives_its_own_list():
    scores = np.array([0.1, np.nan, 0.7, 0.7, 0.2])
    found = Candidates(np.arange(5), scores, None, None, np.full(5, -1))
    few = shortlist(found, Fusion(), 3)
    np.testing.assert_array_equal(few.positions, [2, 3, 4])
    assert few.certified[50] == 3


def test_a_limit_below_both_lists_is_refused():
    assert len(shortlist(catalogue(Fusion(), 0, 50, 0, 0.0), Fusion(), 10, most=20).positions) <= 20
    with pytest.raises(ValueError, match="do not fit into 19"):
        shortlist(catalogue(Fusion(), 0, 50, 0, 0.0), Fusion(), 10, most=19)


# --- the bounds, by hand: one that is too low loses a product that few catalogues have ---


def test_no_value_lies_below_the_chord_moved_down() -> None:
    low, high = module._line_below(np.array([0.0, 1.0, 0.0, 2.0]))
    assert (low, high) == pytest.approx((-4 / 3, 2 / 3))
    assert module._line_below(np.array([1.0, 5.0, 3.0])) == (1, 3)


def test_each_stretch_has_both_of_its_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[float]] = []
    monkeypatch.setattr(module, "_line_below", lambda values: seen.append(values.tolist()) or (0.0, 0.0))
    nothing = np.zeros(1)
    module._possible(Columns(nothing, nothing, np.ones(1, bool)), [nothing] * 3, np.arange(101.0), 49)
    assert seen == [list(range(1, 51)), list(range(50, 100))]


def test_who_is_above_the_line_at_one_end_is_possible() -> None:
    columns = Columns(np.zeros(4), np.zeros(4), np.ones(4, bool))
    ends = [np.array([0.9, 0.0, 0.0, 0.4]), np.array([0.0, 0.4, 0.9, 0.4])]
    reached = np.where(np.arange(101) <= 49, 0.5, 0.5)
    assert module._possible(columns, ends, reached, 49).tolist() == [True, False, True, False]


def test_an_embedding_average_is_nowhere_above_its_bound() -> None:
    """By c the lengths at .1 and .3 are 1 and 1; 1 of the root of .82, and of .58; .8 and .4."""
    stops, one = STOPS[10:31], np.ones(1)
    for c, first, last in ((1.0, 1.0, 1.0), (0.0, 0.82**0.5, 0.58**0.5), (-1.0, 0.8, 0.4)):
        for low, high in ((0.5, 0.2), (0.2, 0.5), (-0.5, 0.1), (0.9, 0.9)):
            bound = float(module._highest_average(c * one, low * one, high * one, stops)[0])
            assert bound == pytest.approx(max(low * first, high * last) / min(first, last))
            # The average is (1 - w) a + w b over the length; a and b from its values at the ends.
            a_b = np.linalg.solve([[0.9, 0.1], [0.7, 0.3]], [low * first, high * last])
            lengths = np.sqrt((1 - stops) ** 2 + stops**2 + 2 * stops * (1 - stops) * c)
            assert bound >= (np.stack([1 - stops, stops], axis=1) @ a_b / lengths).max() - 1e-12
        below = float(module._highest_average(c * one, -0.5 * one, -0.2 * one, stops)[0])
        assert below == pytest.approx(max(-0.5 * first, -0.2 * last) / max(first, last))
    middle = module._highest_average(-one, one, one, STOPS[50:52])
    assert middle[0] == pytest.approx(0.02 / 1e-6)


def test_of_equal_products_no_more_than_k_are_needed() -> None:
    a, b = np.array([2.0, 2, 1, 2, 1, 2, 2, 1]), np.array([5.0, 5, 5, 5, 5, 7, 5, 5])
    pool, there = np.arange(10, 18), np.ones(8, bool)
    for k, kept in ((1, [10, 12, 15]), (2, [10, 11, 12, 14, 15]), (9, pool.tolist())):
        assert sorted(module._first_of_equals(Columns(a, b, there), k, pool).tolist()) == kept
    apart = Columns(a, b, there, np.arange(8.0))
    assert sorted(module._first_of_equals(apart, 1, pool).tolist()) == pool.tolist()
