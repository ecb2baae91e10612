"""A server that is told which bundle of the hub to show: the first visitor watches it come, or reads why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bad_server import BadServer, Resource
from browsing import CARDS, becomes, running, visitor
from fixtures import build_tiny_bundle

from sqid_core.bundle.hub_sets import source_of

pytestmark = pytest.mark.browser
SET = "our-team/tiny"


def test_it_is_watched_and_then_there(browser: Any, tmp_path: Path) -> None:
    bundle = build_tiny_bundle(tmp_path / "made")
    files = {str(path.relative_to(bundle)): path.read_bytes() for path in bundle.rglob("*.*") if path.name[0] != "."}
    files = {name: body for name, body in files.items() if (bundle / name).is_file()}
    listed = [{"type": "file", "path": name, "size": len(body)} for name, body in files.items()]
    resources = {f"/datasets/{SET}/resolve/v1/{name}": Resource(body) for name, body in files.items()}
    resources[f"/api/datasets/{SET}/tree/v1"] = Resource(json.dumps(listed).encode())
    data = tmp_path / "data"
    with BadServer(resources, latency=0.5) as hub:
        told = {"SQID_BUNDLE": f"hf:{SET}@v1", "HF_ENDPOINT": hub.url()}
        with running(data, **told) as address, visitor(browser, address) as go:
            page = go(wait_for="text=from Hugging Face, and checks")
            page.get_by_role("progressbar").wait_for()
            page.wait_for_selector(CARDS.format("fused"))
    assert source_of(data / "tiny") == f"hf:{SET}@v1"


def test_a_set_that_is_not_there_is_said_and_can_be_tried_again(browser: Any, tmp_path: Path) -> None:
    with BadServer({}) as hub:
        told = {"SQID_BUNDLE": f"hf:{SET}@v1", "HF_ENDPOINT": hub.url()}
        with running(tmp_path / "data", **told) as address, visitor(browser, address) as go:
            page = go(wait_for="text=could not be fetched")
            page.get_by_text("answered 404").wait_for()
            assert str(tmp_path) not in page.locator("body").inner_text()
            asked = len(hub.log)
            page.get_by_role("button", name="Try again").click()
            becomes(page, lambda: len(hub.log) > asked, True)
            page.get_by_text("could not be fetched").wait_for()
