"""The map of the page Dataset: what the browser is told and may fetch, and what it may not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from precompute.steps.mapping import map_catalogue
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import InputError
from sqid_ui.caches.maps import category_codes, packed_points
from sqid_ui.parts.atlas import Atlas, atlas_data, corners_of
from sqid_ui.parts.atlas.library import NAME
from sqid_ui.parts.picture_addresses import place_of
from sqid_ui.shell.map_serving import map_route

pytest.importorskip("sklearn", reason="the extra interop is not installed")


@pytest.fixture(scope="module")
def mapped(tiny_bundle, tmp_path_factory):
    bundle = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("mapped") / "tiny"))
    map_catalogue(bundle)
    return load_bundle(bundle)


@pytest.fixture
def client(mapped, monkeypatch):
    monkeypatch.setenv("SQID_DATA", str(mapped.folder.parent))
    return TestClient(Starlette(routes=[map_route()]))


def test_the_points_are_packed_in_eleven_bytes_a_product(mapped):
    packed = packed_points(mapped, "words_image")
    products, queries = np.frombuffer(packed, "<u4", 2)
    assert (products, queries) == (55, 8)
    assert len(packed) == 8 + 11 * 55 + 4 * 8
    rows = np.frombuffer(packed, "<u4", 55, 8)
    assert np.array_equal(rows, np.flatnonzero(mapped.signals["words_image"].present))
    codes, names = category_codes(mapped)
    assert packed[-3 * 55 : -2 * 55] == codes[rows].tobytes()
    assert np.bincount(codes[codes < 255])[0] == max(np.bincount(codes[codes < 255]))
    assert len(names) == 10


def test_the_browser_gets_points_facts_and_the_library(mapped, client):
    place = place_of(mapped)
    points = client.get(f"/maps/{place}/points/words_text")
    assert points.content == packed_points(mapped, "words_text")
    assert "immutable" in points.headers["cache-control"]
    told = client.get(f"/maps/{place}/products/0").json()
    assert told["id"] == mapped.products["product_id"].iloc[0]
    assert set(told) == {"id", "title", "picture", "note"}
    assert client.get(f"/maps/{place}/queries/7").json()["title"] == mapped.queries["query"].iloc[7]
    library = client.get(f"/maps/library/{NAME}")
    assert library.headers["content-type"].startswith("text/javascript")
    assert library.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "library/other.mjs",
        "PLACE/points/nothing",
        "PLACE/points/..%2F..%2Fmanifest.json",
        "PLACE/products/60",
        "PLACE/products/-1",
        "PLACE/products/99999999999999999999",
        "PLACE/queries/8",
        "nowhere/points/words_text",
    ],
)
def test_what_is_not_there_is_not_found(mapped, client, path):
    assert client.get(f"/maps/{path.replace('PLACE', place_of(mapped))}").status_code == 404


def test_what_the_browser_is_told_is_small_and_holds_no_titles(mapped):
    told = atlas_data(Atlas(place_of(mapped), "words_text", "category", ["a"], "Map"))
    assert told["points"].endswith("/points/words_text")
    assert told["lists"] is None
    assert len(json.dumps(told)) < 1000


@pytest.mark.parametrize("told", [None, "x", 5, [[1]], [[1, 2.5]], [[True, 1]], [[1, 2, 3]], [[0, 0]] * 65, [{"x": 1}]])
def test_what_a_browser_tells_is_checked(told):
    with pytest.raises(InputError):
        corners_of(told)
