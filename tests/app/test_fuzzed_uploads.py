"""What visitors upload, damaged and odd: taken, or refused in one sentence; nothing else is ever raised."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from damaged_files import spoiled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.picture_files import MOST_PIXELS, PictureError, opened_picture
from sqid_core.errors import InputError
from sqid_core.evaluation.saved import SavedEvaluation, SavedMethod, parsed_evaluation, write_evaluation
from sqid_core.judging.pair_lists import listed_pairs

T = TypeVar("T")
MANY = settings(max_examples=int(os.environ.get("SQID_FUZZ", "100")), suppress_health_check=list(HealthCheck))


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (40, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def outcome(read: Callable[[], T], refusal: type[Exception]) -> tuple[T | None, str]:
    """What was read, or the sentence of a refusal."""
    try:
        return read(), ""
    except refusal as error:
        return None, str(error)


PICTURES = [picture(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")]


@MANY
@given(st.sampled_from(PICTURES).flatmap(spoiled))
def test_a_picture(body: bytes) -> None:
    found, said = outcome(lambda: opened_picture(body, 512), PictureError)
    assert said or (found is not None and max(found.size) <= 512 and found.mode == "RGB")


@MANY
@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
def test_a_picture_that_says_it_is_huge_is_not_decoded(width: int, height: int) -> None:
    png = PICTURES[0]
    said = png[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + png[24:]
    with pytest.raises(PictureError):
        opened_picture(said if width * height > MOST_PIXELS else said[:40])


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def pairs(dataset: Dataset) -> bytes:
    products, queries = dataset.products["product_id"], dataset.queries["query_id"]
    lines = [f"{queries[at % 4]},{products[at]}" for at in range(8)]
    return "\n".join(["query_id,product_id", *lines]).encode()


@MANY
@given(st.data())
def test_a_list_of_pairs(dataset: Dataset, pairs: bytes, data: st.DataObject) -> None:
    body = data.draw(spoiled(pairs))
    found, said = outcome(lambda: listed_pairs(dataset, body, "list.csv"), InputError)
    assert len(said) < 1500
    assert said or (found is not None and 1 <= len(found.pairs) <= 16)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "one.json"
    names = "bundle", "fingerprint", "labels", "gains", "count", "unranked"
    method = SavedMethod("text", True, {"ndcg": np.array([0.25, np.nan, 1.0])})
    made = datetime(2026, 1, 2, tzinfo=UTC).isoformat()
    queries, texts = ("a", "b", "c"), ("red mug", "<b>", "")
    write_evaluation(path, SavedEvaluation(dict.fromkeys(names, "x"), made, "0.1", queries, texts, {"text": method}))
    return path.read_bytes()


@MANY
@given(st.data())
def test_a_saved_evaluation(evaluation: bytes, data: st.DataObject) -> None:
    body = data.draw(spoiled(evaluation))
    found, said = outcome(lambda: parsed_evaluation(body, "one.json"), InputError)
    assert said.startswith("one.json is no saved evaluation") or (found is not None and len(found.queries) == 3)
