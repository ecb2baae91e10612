"""A manifest whose values are of other kinds is refused in one sentence, which says where."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sqid_core.bundle.manifest import MANIFEST, read_manifest
from sqid_core.errors import BundleError


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


def put(manifest: dict[str, Any], place: str, value: Any) -> None:
    *way, last = place.split(".")
    for name in way:
        manifest = manifest[name]
    manifest[last] = value


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("counts.products", "60", r"Expected `int`, got `str` - at `\$\.counts"),
        ("counts", {"products": 60}, "counts lack queries, judgements"),
        ("label_scale.relevant_from", 9, r"relevant_from must be a label's position, .* at `\$\.label_scale"),
        ("label_scale.gain_tables", [["own", ["1", 0, 0, 0]]], r"Expected `float`, got `str` - at `\$\.label_scale"),
        ("encoders.words.family", "word2vec", "unknown encoder family 'word2vec'"),
        ("encoders.words.dim", 0, r"Expected `int` >= 1 - at `\$\.encoders"),
        ("signals.words_text.modality", "sound", r"Invalid enum value 'sound' - at `\$\.signals"),
        ("signals.words_text.text_fields", "title", r"Expected `array`, got `str` - at `\$\.signals"),
        ("files", ["products.parquet"], r"Expected `object`, got `array` - at `\$\.files"),
        ("name", None, r"Expected `str`, got `null` - at `\$\.name"),
    ],
)
def test_a_manifest_of_other_kinds_of_values_is_refused_where_they_are(
    bundle: Path, place: str, value: Any, sentence: str
) -> None:
    data = json.loads((bundle / MANIFEST).read_text())
    put(data, place, value)
    (bundle / MANIFEST).write_text(json.dumps(data))
    with pytest.raises(
        BundleError, match=f"is not a bundle's manifest .*{sentence}.*; build the bundle again"
    ) as caught:
        read_manifest(bundle)
    assert "\n" not in str(caught.value)
