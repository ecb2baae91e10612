"""The numbers of a bundle drawn by lot are those recorded at commit bb4691c, to 1e-12; orders and texts are the same.

Its cosines are multiples of 1/64, the same on every machine; what is computed from them may differ in a last bit. The
demo and the real slice of ESCI are compared to the last bit by `make_numbers.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import golden_names as n
import numpy as np
import pandas as pd
import pytest
from act_frames import acts_of, labelled
from golden_bundles import build
from golden_numbers import numbers
from make_numbers import NAMES, RECORDS, entry

from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import relabelled

RECORD: dict[str, Any] = json.loads((RECORDS / "exact.json").read_text(encoding="utf-8"))
_TOLERANCE = 1e-12
# Texts with all digits of numbers in them, each of which is held by its own name too.
_WITH_DIGITS = ("evaluate/paper", "evaluate/esci-script", "signal/lot_text/health", "signal/lot_image/health")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("golden") / "exact"
    build("exact", folder)
    return {name: entry(value) for name, value in numbers(folder, encoders=False)}


def test_every_number_is_as_recorded(found: dict[str, Any]) -> None:
    assert found.keys() == RECORD.keys()
    wrong = [
        f"{name}: was {old}, is {found[name]}" for name, old in RECORD.items() if not _same(name, old, found[name])
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_a_last_but_few_bit_is_seen(found: dict[str, Any]) -> None:
    name = "curve/weighted scores, none, zero, 60/values"
    other = {**found[name], "mean": found[name]["mean"] + 3e-12}
    assert _same(name, found[name], found[name])
    assert not _same(name, found[name], other)


def test_the_published_labels_as_a_majority_give_every_number_to_the_last_bit(
    found: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build("exact", tmp_path / "exact")
    dataset, pairs = n.load_bundle(tmp_path / "exact"), pd.read_parquet(tmp_path / "exact" / "judgements.parquet")
    drawn = np.random.default_rng(0).choice(list("ESCI"), len(pairs))
    said = [("a", pairs["label"]), ("b", pairs["label"]), ("c", drawn)]
    ids = pairs["query_id"] + " " + pairs["product_id"]
    acts = acts_of(labelled(judge, *pair) for judge, labels in said for pair in zip(ids, labels, strict=True))
    judged = relabelled(dataset, acts, LabelSet("majority", version=len(acts), alone=True))
    assert (judged.given, judged.changed) == (len(pairs), 0)
    monkeypatch.setattr(n, "load_bundle", lambda _: judged.dataset)
    again = {name: entry(value) for name, value in numbers(tmp_path / "exact", encoders=False, commands=False)}
    assert again == {name: value for name, value in found.items() if not name.startswith("evaluate/")}


def test_the_records_are_small_and_whole() -> None:
    sizes = [(RECORDS / f"{name}.json").stat().st_size for name in NAMES]
    assert sum(sizes) < 200_000
    assert len(RECORD) > 600


def _same(name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    if name in _WITH_DIGITS:
        return True
    if old.get("whole") or "n" not in old:
        return bool(old == new)
    if (old["n"], old.get("texts")) != (new["n"], new.get("texts")):
        return False
    if old["mean"] is None:
        return True
    close = abs(old["mean"] - new["mean"]) <= _TOLERANCE
    return close and abs(old["mixed"] - new["mixed"]) <= _TOLERANCE * max(1, old["n"])
