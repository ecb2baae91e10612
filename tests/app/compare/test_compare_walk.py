"""The Compare page's queue as it is walked: losses, wins, or the set of a link."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from searching import link_of, rerun, walk_on, widget
from test_compare import TEXT, compared, opened, queue_ids, told

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.ranking.fusion import Fusion

pytestmark = pytest.mark.usefixtures("word_encoder")


def test_walking_goes_through_the_queue_and_back(data_root: Path) -> None:
    at = opened()
    dataset = load_bundle(data_root / "tiny")
    losses = queue_ids(dataset, compared(dataset, TEXT, RunSpec(fusion=Fusion())).losses)
    assert len(losses) > 2
    seen = []
    for place in range(len(losses) + 1):
        walk_on(at, "compare-walk", place)
        walk = told(at, "compare-walk")
        seen.append(told(at, "compare-queue")["shown"])
        assert (walk["place"], walk["count"], walk["name"]) == (min(place, len(losses) - 1), len(losses), "B loses")
        assert link_of(at) == ({"query": seen[-1]} if place else {})
    # A step at the end stays there.
    assert seen == [*losses, losses[-1]]
    walk_on(at, "compare-walk", 2)
    assert told(at, "compare-queue")["shown"] == losses[1]
    # Back to no step in all is a step as well.
    walk_on(at, "compare-walk", 1)
    walk_on(at, "compare-walk", 0)
    assert link_of(at) == {}


def test_a_set_in_the_link_is_the_queue(data_root: Path) -> None:
    at = opened(set="preset-widest disagreement~~The widest", b="signal~words_image")
    walk, queue = told(at, "compare-walk"), told(at, "compare-queue")
    found = compared(load_bundle(data_root / "tiny"), TEXT, RunSpec(signal="words_image"))
    assert queue["id"] == queue_ids(
        load_bundle(data_root / "tiny"), np.argsort(-np.abs(found.b - found.a), kind="stable")
    )
    assert (walk["name"], walk["place"], walk["count"]) == ("The widest", 0, 8)
    assert link_of(at) == {"b": "signal~words_image", "set": "preset-widest disagreement~~The widest"}
    widget(at, "queue").set_value("losses")
    rerun(at)
    assert told(at, "compare-walk")["name"] == "B loses"
