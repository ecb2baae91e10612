"""Areas of a map: in text and back, and what lies in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sqid_core.analysis.map_area import GRID, LONGEST_AREA, Area, inside, on_grid, read_area, write_area
from sqid_core.bundle.manifest import MapSpec
from sqid_core.bundle.maps import CatalogueMap
from sqid_core.errors import InputError

corner = some.tuples(some.integers(0, GRID), some.integers(0, GRID))
SQUARE = Area("clip", "0a1b2c3d", ((100, 100), (300, 100), (300, 300), (100, 300)))


@given(some.lists(corner, min_size=3, max_size=64), some.sampled_from(["clip_text", "a~b (2) c", "öl"]))
def test_an_area_is_the_same_after_a_link(corners, signal):
    area = Area(signal, "0123abcd", tuple(corners))
    text = write_area(area)
    assert len(text) <= LONGEST_AREA
    assert read_area(text) == area


@given(some.text(max_size=80))
def test_any_other_text_is_refused(text):
    try:
        area = read_area(text)
    except InputError:
        return
    assert write_area(area) == text


@pytest.mark.parametrize("text", ["", "clip~0a1b2c3d~AAAA", "clip~0a1b2c3d~" + "A" * 900, "~0a1b2c3d~AAAAAAAAAAAAAAAA"])
def test_what_is_no_polygon_of_a_map_is_refused(text):
    with pytest.raises(InputError):
        read_area(text)


def test_inside_is_by_the_even_odd_rule_and_what_has_no_place_is_nowhere():
    places = np.array([[200, 200], [50, 200], [200, 350], [np.nan, np.nan], [299, 101]], dtype=np.float32)
    assert inside(places, SQUARE).tolist() == [True, False, False, False, True]
    # A figure of eight: both rooms are inside, what is between them is not.
    eight = Area("clip", "0a1b2c3d", ((0, 0), (400, 400), (400, 0), (0, 400)))
    crossed = np.array([[50, 200], [350, 200], [200, 50], [200, 350]], dtype=np.float32)
    assert inside(crossed, eight).tolist() == [True, True, False, False]


@given(some.lists(corner, min_size=3, max_size=12), some.integers(0, 2**32 - 1))
def test_inside_counts_crossings(corners, seed):
    places = np.random.default_rng(seed).uniform(0, GRID, size=(20, 2)).astype(np.float32)
    found = inside(places, Area("clip", "0a1b2c3d", tuple(corners)))
    for place, is_inside in zip(places.astype(float), found, strict=True):
        crossings = 0
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
            if (y0 > place[1]) != (y1 > place[1]):
                crossings += place[0] < x0 + (place[1] - y0) * (x1 - x0) / (y1 - y0)
        assert is_inside == bool(crossings % 2)


def test_a_map_lies_on_the_grid_with_one_scale_for_both_axes():
    products = np.array([[0, 0], [10, 0], [np.nan, np.nan]], dtype=np.float32)
    queries = np.array([[5, 2]], dtype=np.float32)
    found = CatalogueMap("clip", MapSpec("", "umap"), products, queries, np.array([0, 0, -1], dtype=np.int8))
    moved, asked = on_grid(found)
    assert moved[:2, 0].tolist() == [0, GRID]
    assert np.isnan(moved[2]).all()
    assert asked[0, 0] == pytest.approx(GRID / 2, abs=1)
    assert asked[0, 1] - moved[0, 1] == pytest.approx(GRID / 5, abs=1)
