"""PostgreSQL killed by force while somebody judges: what was confirmed is there, the page comes back by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from browsing import becomes, visitor
from judging_app import make_book
from judging_house import House
from postgres_server import Cluster, cluster
from test_browser_judge import judging, keys_of, state, where

pytestmark = pytest.mark.browser


def start_again(server: Cluster) -> None:
    """Once the killed one's other processes have gone."""
    deadline = time.monotonic() + 60
    while True:
        try:
            server.start()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def test_a_killed_database_loses_nothing(browser: Any, tmp_path: Path) -> None:
    with cluster() as server:
        house = House(tmp_path, server.url)
        make_book(house.store, house.bundle, 40, id="killed", name="Killed")
        with house.open() as (address, _), visitor(browser, address) as go:
            page = judging(go, house, "anna", "killed")
            for key in "escie":
                page.keyboard.press(key)
            becomes(page, lambda: state(page), "All saved")
            page.keyboard.press("s")
            server.kill()
            for key in "cisec":
                page.keyboard.press(key)
            becomes(page, lambda: "wait" in state(page), True)
            assert where(page) == "11 of 40"
            # Other pages do not need it.
            other = go("?query=01")
            start_again(server)
            becomes(page, lambda: state(page), "All saved")
            found = keys_of(house, "killed")
            assert len(found) == len(set(found)) == 11
            other.goto(f"{address}judge")
            other.get_by_text("Killed").first.wait_for()
