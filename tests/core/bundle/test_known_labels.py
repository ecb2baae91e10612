"""A second set of labels, of every product for every query, that only the search of the whole catalogue uses."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import QUERIES, label_of
from hostile_manifests import true_hashes

from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError
from sqid_core.evaluation.reports import evaluate, fusion_run
from sqid_core.ranking.candidates import catalogue_labels, slate_candidates
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Labels


def true_labels(dataset: Dataset) -> Labels:
    products = list(zip(dataset.products["category"], dataset.products["color"], strict=True))
    return np.array([[ESCI.code(label_of(query, *each)) for each in products] for query in QUERIES], dtype=np.int8)


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(tiny_bundle, tmp_path / "known"))
    with BundleWriter(copy) as writer:
        writer.write_array(KNOWN_LABELS, true_labels(load_bundle(copy)), np.int8)
    return copy


def test_the_catalogue_has_all_labels_and_the_slates_theirs(folder: Path, tiny_bundle: Path) -> None:
    known, before = load_bundle(folder), load_bundle(tiny_bundle)
    for query in range(len(QUERIES)):
        labels = catalogue_labels(known, query)
        assert (labels >= 0).all()
        np.testing.assert_array_equal(labels, true_labels(known)[query])
        judged = catalogue_labels(known.as_judged(), query)
        np.testing.assert_array_equal(judged, catalogue_labels(before, query))
        # What was judged agrees: the slates were drawn by the same rule.
        np.testing.assert_array_equal(labels[judged >= 0], judged[judged >= 0])
        slate = slate_candidates(known, query, Fusion())
        assert len(slate.rows) == known.judgements.lengths[query]
    values = [evaluate(each, fusion_run(each, Fusion())).values("ndcg") for each in (known, before)]
    np.testing.assert_array_equal(*values)
    assert (catalogue_labels(known, None) == -1).all()
    assert known.key != known.as_judged().key


def test_other_tables_drop_them(folder: Path) -> None:
    dataset = load_bundle(folder)
    pairs = [("00", dataset.products["product_id"].iloc[0], "E")]
    with BundleWriter(folder) as writer:
        frame = pd.DataFrame(pairs, columns=["query_id", "product_id", "label"])
        writer.write_tables("known", dataset.products.iloc[:30], dataset.queries, frame, ESCI)
    assert load_bundle(folder).known_labels is None
    assert not (folder / KNOWN_LABELS).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((8, 60), 4, np.int8),
        np.full((8, 60), -1, np.int8),
        np.zeros((8, 59), np.int8),
        np.zeros((8, 60), np.int64),
    ],
    ids=["no such label", "unjudged", "another shape", "another type"],
)
def test_damage_is_one_sentence(folder: Path, wrong: np.ndarray) -> None:
    np.save(folder / KNOWN_LABELS, wrong)
    true_hashes(folder)
    with pytest.raises(BundleError, match=r"labels\.npy"):
        load_bundle(folder)


def test_no_other_type_is_written(folder: Path) -> None:
    with pytest.raises(InputError, match="int8"), BundleWriter(folder) as writer:
        writer.write_array(KNOWN_LABELS, np.zeros((8, 60)), np.int8)
