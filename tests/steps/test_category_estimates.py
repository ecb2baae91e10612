"""python -m precompute categories: estimated from the vectors, marked as such, and giving way to known ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from category_records import EXPECTED, json_lines, without_categories
from fixtures import WordEncoder, unit, word_vector

from precompute.__main__ import main
from precompute.work import zero_shot
from sqid_core.bundle.load import load_bundle


def direction(words: str) -> np.ndarray:
    """What the tests' encoder makes of a department: the direction of the tiny bundle's type that stands for it."""
    kinds = {"a toy or game": "clock", "garden and patio": "lamp", "clothing": "shirt"}
    return next((unit(word_vector(kind)) for text, kind in kinds.items() if text in words), unit(word_vector(words)))


class DepartmentEncoder(WordEncoder):
    def encode_texts(self, texts):
        return np.stack([direction(text) for text in texts])


@pytest.fixture
def guesser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero_shot, "bundle_encoder", lambda dataset, name: DepartmentEncoder())


def test_estimates_follow_the_vectors_and_are_marked(bundle: Path, guesser: None, capsys) -> None:
    kinds = load_bundle(bundle).products["category"].to_numpy()
    without_categories(bundle)
    assert main(["categories", str(bundle)]) == 0
    assert "60 products have a category, 60 of them estimated; 0 have none" in capsys.readouterr().out
    products = load_bundle(bundle).products
    assert products["category_estimated"].all()
    right = products["category"].to_numpy()[kinds == "clock"] == "Toys & Games"
    assert right.mean() > 0.6
    assert main(["verify", str(bundle)]) == 0
    assert "60 with a category (60 estimated)" in capsys.readouterr().out
    before = (bundle / "manifest.json").read_bytes()
    assert main(["categories", str(bundle)]) == 0
    assert (bundle / "manifest.json").read_bytes() == before


def test_known_categories_stay_and_estimates_give_way(bundle: Path, guesser: None, tmp_path: Path, capsys) -> None:
    assert main(["categories", str(bundle)]) == 0
    assert "60 products have a category, 0 of them estimated" in capsys.readouterr().out
    without_categories(bundle)
    (tmp_path / "esci.json").write_bytes(json_lines())
    main(["categories", str(bundle)])
    assert main(["categories", str(bundle), "--from", str(tmp_path / "esci.json"), "--estimate-rest"]) == 0
    products = load_bundle(bundle).products.set_index("product_id")
    assert products.loc[list(EXPECTED), "category"].to_dict() == EXPECTED
    assert int((~products["category_estimated"]).sum()) == len(EXPECTED)


def test_nothing_to_estimate_by(bare: Path, capsys) -> None:
    assert main(["categories", str(bare)]) == 2
    assert "has no vectors to estimate categories by; give a file with --from" in capsys.readouterr().err


def test_an_encoder_that_is_not_here_is_one_sentence(bundle: Path, capsys) -> None:
    without_categories(bundle)
    assert main(["categories", str(bundle)]) == 2
    assert capsys.readouterr().err.startswith("precompute: ")
