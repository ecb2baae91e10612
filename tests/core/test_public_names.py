"""The package's face: few names, each with an example that runs, and each used by the app or the commands."""

from __future__ import annotations

import ast
import doctest
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import WordEncoder
from places import ROOT

import sqid_core
from sqid_core.evaluation.swaps import slate_swaps
from sqid_core.indexes.hnsw import HnswIndex

LONGEST = 120
FACE = {name: getattr(sqid_core, name) for name in sqid_core.__all__}
# Plain values have no docstring of their own: their examples stand in the module's.
VALUES = {"ESCI", "METHODS", "METRICS", "NORMS"}


def examples_of(name: str, value: object) -> list[doctest.DocTest]:
    found = doctest.DocTestFinder().find(value, name, globs=FACE | {"np": np, "pd": pd})
    return [each for each in found if each.examples]


@pytest.fixture
def in_a_folder_with_data(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """data/tiny is there to be opened, and the words of the tests stand for its model."""
    shutil.copytree(tiny_bundle, tmp_path / "data" / "tiny")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sqid_core.ranking.search.load_encoder", lambda spec, folder: WordEncoder())


def test_the_face_is_small_and_every_name_is_there_once() -> None:
    """That they are sorted is the linter's business (RUF022)."""
    assert len(FACE) == len(sqid_core.__all__) <= 30
    listed = {word.strip(",") for line in (sqid_core.__doc__ or "").splitlines() for word in line.split()}
    assert FACE.keys() <= listed


@pytest.mark.usefixtures("in_a_folder_with_data")
@pytest.mark.parametrize("name", ["the module", *sorted(FACE.keys() - VALUES)])
def test_the_examples_run(name: str) -> None:
    value = sqid_core if name == "the module" else FACE[name]
    found = examples_of(name, value)
    assert found, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for each in found:
        assert runner.run(each).failed == 0


def test_plain_values_have_an_example_too() -> None:
    source = "".join(each.source for test in examples_of("sqid_core", sqid_core) for each in test.examples)
    assert all(name in source for name in VALUES)


def test_the_app_or_the_commands_use_every_name() -> None:
    """They import it, or get it as a field of a class that they import, as the judgements of a data set."""
    used = {
        alias.name
        for folder in ("sqid_ui", "precompute")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqid_core"
        for alias in node.names
    }
    fields = {kind for name in used & FACE.keys() for kind in getattr(FACE[name], "__annotations__", {}).values()}
    # Frames without a folder are a notebook's: the app and the commands read bundles.
    assert FACE.keys() - used - fields == {"dataset_of"}


@pytest.mark.usefixtures("in_a_folder_with_data")
def test_what_is_returned_says_what_it_is_in_one_line() -> None:
    face = sqid_core
    dataset = face.load_bundle("data/tiny")
    runs = [face.run_of(dataset, what) for what in ("words_text", "words_image", face.Fusion("rrf", 0.123))]
    reports = [face.evaluate(dataset, run) for run in runs]
    curves = face.dataset_curves(dataset, face.Fusion())
    signal = dataset.signals["words_text"]
    values = [
        dataset,
        dataset.judgements,
        dataset.scale,
        *dataset.signals.values(),
        face.ScoredSignal("mine", "text", signal.slate_scores(dataset.judgements)),
        *runs,
        *reports,
        face.compare(reports[0], reports[2]),
        curves,
        curves.curve(0),
        face.search(dataset, "a red mug for somebody who drinks very much coffee"),
        face.ExactIndex(signal.products, signal.present),
        HnswIndex.build(signal.products, signal.present),
        slate_swaps(np.arange(4), np.array([3, 2, 1, 0]), np.array([0.0, 1.0, 0.1, 0.0])),
        face.BundleWriter("data/tiny"),
        face.ProductFilter(brands=("Linnea",), picture=True),
        face.Fusion(),
        *face.METHODS.values(),
        *face.NORMS.values(),
        *face.METRICS.values(),
    ]
    for value in values:
        assert repr(value).startswith(f"{type(value).__name__}(")
        assert "\n" not in repr(value)
        assert len(repr(value)) <= LONGEST, repr(value)
