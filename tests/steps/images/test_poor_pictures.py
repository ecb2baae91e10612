"""Poor pictures: found by simple measures, listed, kept or left out of encode, and what they cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from image_runs import images, status_of, table
from PIL import Image, ImageFilter

from precompute.images.quality import faults
from precompute.work.bundle_pictures import picture_files
from sqid_core.analysis.poor_pictures import poor_pictures
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.shown_pictures import read_faults
from sqid_core.evaluation.reports import evaluate, scores_run

RNG = np.random.default_rng(0)
GOOD = Image.fromarray(RNG.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((300, 300), Image.Resampling.NEAREST)
SMALL_ON_WHITE = Image.new("RGB", (300, 300), "white")
SMALL_ON_WHITE.paste(GOOD.resize((90, 90)), (105, 105))
DARK = Image.new("RGB", (300, 300), "black")
DARK.paste((110, 110, 110), (120, 120, 180, 180))
CASES = {
    "good": (GOOD, ""),
    "a product on white": (SMALL_ON_WHITE, ""),
    "tiny": (GOOD.resize((40, 300), Image.Resampling.NEAREST), "tiny"),
    "blurred": (GOOD.filter(ImageFilter.GaussianBlur(15)), "blurred"),
    "one grey": (Image.new("RGB", (300, 300), (120, 120, 120)), "blurred, near-uniform"),
    "dark": (DARK, "very dark"),
    "white": (Image.new("RGB", (300, 300), (255, 255, 255)), "blurred, near-uniform, very bright"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_poor_in_a_picture(case):
    picture, expected = CASES[case]
    assert faults(picture) == expected


@pytest.fixture
def pictured(bundle, tmp_path):
    """The tiny bundle with stored pictures, three of them grey."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    names = pd.read_parquet(bundle / "products.parquet")["image"].dropna()
    for number, name in enumerate(names):
        picture = Image.new("RGB", (90, 90), (100 + number,) * 3) if number < 3 else noise(number)
        picture.save(folder / name)
    return bundle, folder


def noise(seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (90, 90, 3), dtype=np.uint8))


def test_poor_pictures_are_listed_and_left_out_on_request(pictured, capsys):
    bundle, folder = pictured
    assert images(bundle, "--from", str(folder)) == 0
    assert "3 poor pictures (blurred, near-uniform), kept" in capsys.readouterr().out
    assert set(read_faults(bundle / "images.parquet").values()) == {"blurred, near-uniform"}
    assert sum(file is not None for file in picture_files(load_bundle(bundle))) == 55
    assert images(bundle, "--from", str(folder), "--poor", "missing") == 0
    assert list(status_of(bundle).values()).count("poor picture") == 3
    dataset = load_bundle(bundle)
    assert dataset.products["image"].notna().sum() == 55  # still shown
    assert sum(file is not None for file in picture_files(dataset)) == 52
    before = table(bundle)
    assert images(bundle, "--from", str(folder)) == 0
    assert list(status_of(bundle).values()).count("done") == 55
    assert before["file"].equals(table(bundle)["file"])


def test_what_they_cost_is_the_image_ranking_without_them(pictured):
    bundle, folder = pictured
    assert poor_pictures(load_bundle(bundle)) is None
    images(bundle, "--from", str(folder))
    dataset = load_bundle(bundle)
    found = poor_pictures(dataset)
    poor = {product for product, fault in zip(dataset.products["product_id"], found.faults, strict=True) if fault}
    assert len(poor) == 3
    rows = np.flatnonzero(dataset.products["product_id"].isin(poor))
    judgements = dataset.judgements
    hidden = np.isin(judgements.rows, rows) & judgements.mask
    scores = dataset.signals["words_image"].slate_scores(judgements)
    expected = [
        evaluate(dataset, scores_run("x", each, judgements)).values("ndcg")[hidden.any(axis=1)].mean()
        for each in (scores, np.where(hidden, np.nan, scores))
    ]
    assert found.queries == hidden.any(axis=1).sum() > 0
    assert [found.as_it_is, found.without] == pytest.approx(expected, abs=1e-12)
