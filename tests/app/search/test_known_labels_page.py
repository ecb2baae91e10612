"""A catalogue whose labels are all known, as the Search page shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fixtures import QUERIES, label_of
from searching import board, opened, said, shown_ids

from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture(autouse=True)
def known(data_root: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    products = list(zip(dataset.products["category"], dataset.products["color"], strict=True))
    labels = [[ESCI.code(label_of(query, *each)) for each in products] for query in QUERIES]
    with BundleWriter(data_root / "tiny") as writer:
        writer.write_array(KNOWN_LABELS, np.array(labels, dtype=np.int8), np.int8)


def test_every_card_has_a_label_and_ndcg_is_of_the_first(data_root: Path) -> None:
    at = opened(query="01", scope="catalogue", k="10")
    data = board(at)
    judging, labels = data["judging"], dict(zip(data["products"]["id"], data["products"]["label"], strict=True))
    assert (judging["known"], judging["complete"], len(judging["judged"])) == (True, False, 10)
    assert min(labels[product] for product in shown_ids(at, "fused")) >= 0
    dataset = load_bundle(data_root / "tiny")
    gains = np.sort(dataset.scale.gains()[dataset.known_labels[1]])[::-1]
    assert judging["judged"] == pytest.approx(gains[:10].tolist())
    assert "labels for all" in said(at)
    # The cards that can come up, and not the catalogue.
    assert len(labels) < len(dataset.products)


def test_they_can_be_hidden_for_those_who_judge() -> None:
    at = opened(query="01", scope="catalogue", judged_only="1")
    assert not board(at)["judging"]["known"]
    assert min(board(at)["products"]["label"]) == -1
    assert "labels for all" not in said(at)
    assert at.get_by_key("board") is not None


def test_a_slate_has_only_what_was_judged() -> None:
    at = opened(query="01")
    assert board(at)["judging"]["complete"]
    assert not any(box.label == "Only labels that were judged" for box in at.checkbox)
    assert any(box.label == "Only labels that were judged" for box in opened(query="01", scope="catalogue").checkbox)
