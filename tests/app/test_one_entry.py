"""One entry in its table is all that a new method, norm, measure, grouping, encoder family or kind of signal takes:
each appears on every page, in links, and in what the verbs offer and print."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysing import opened
from fixtures import DIM, text_vector
from searching import rerun
from streamlit.testing.v1 import AppTest

from precompute.__main__ import VERBS
from precompute.__main__ import main as precompute
from sqid_core.analysis.groupings import GROUPINGS, Grouping, Groups
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.signal_kinds import SIGNAL_KINDS, SignalKind
from sqid_core.bundle.stored import Stored
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import FAMILIES, Family
from sqid_core.encoders.spec import EncoderSpec, Stages
from sqid_core.evaluation.metrics import METRICS
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.norms import NORMS
from sqid_core.types import Bools, Floats, Modality

TEXTS = ("markdown", "caption", "info", "warning", "error", "subheader")


@dataclass(frozen=True, eq=False)
class RowNumbers:
    """A signal by which a product is the better, the later it is in the bundle."""

    name: str
    modality: Modality
    is_run: bool = False

    def slate_scores(self, judgements: Judgements) -> Floats:
        return np.where(judgements.mask, judgements.rows.astype(np.float64), np.nan)

    def knows(self, judgements: Judgements) -> Bools:
        return judgements.mask

    def judged_as(self, before: Judgements, now: Judgements) -> RowNumbers:
        return self

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        return judgements.rows[query][judgements.mask[query]].astype(np.float64)


class OwnEncoder:
    """Texts by the words of the tests."""

    def __init__(self, model: str) -> None:
        self.spec = EncoderSpec("", "own family", model, "", DIM, "none")
        self.device, self.precision, self.batch_size = "cpu", "fp32", 8

    def stages(self, _: Modality) -> Stages:
        return Stages(list, lambda texts: np.stack([text_vector(text) for text in texts]), lambda found: found, 8)


def loaded(stored: Stored) -> RowNumbers:
    assert stored.about()["made by"] == "a test"
    return RowNumbers(stored.name, stored.spec.modality)


@pytest.fixture(scope="module")
def own_bundle(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The tiny bundle with a signal of a kind of its own and one by a family of its own; all six tables have one more
    entry."""
    method = replace(METHODS["max"], name="own method", label="Own method", bare=False)
    norm = replace(NORMS["z-score"], name="own norm", label="Own norm", bare=False)
    measure = replace(METRICS["recall"], name="own", label="Own measure", expected=None, whole=True)
    grouping = Grouping(lambda d: Groups(("everyone",), np.zeros(len(d.queries), np.int64)), "All alike.")
    family = Family("own family", lambda model, *_: OwnEncoder(model), ("text",), "nothing at all")
    kind = SignalKind(
        "own kind", "own {modality}", "Later is better.", loaded, lambda _: "row numbers", lambda s, _: f"{s.name}: own"
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for table, name, entry in (
            (METHODS, "own method", method),
            (NORMS, "own norm", norm),
            (METRICS, "own", measure),
            (GROUPINGS, "own grouping", grouping),
            (FAMILIES, "own family", family),
            (SIGNAL_KINDS, "own kind", kind),
        ):
            patch.setitem(table, name, entry)
        # What a verb offers is read from the tables when its module is.
        for name in [name for name in sys.modules if name.startswith("precompute.commands.")]:
            patch.delitem(sys.modules, name)
        folder = tmp_path_factory.mktemp("data") / "tiny"
        shutil.copytree(tiny_bundle, folder)
        with BundleWriter(folder) as writer:
            spec = SignalSpec("text", "", kind="own kind")
            writer.write_signal_files("rows_text", spec, {"none.npy": (np.zeros(1), np.float64)}, {"made by": "a test"})
        words = ["--signal", "own_text", "--modality", "text", "--family", "own family", "--model", "own words"]
        assert precompute(["encode", str(folder), *words, "--device", "cpu"]) == 0
        yield folder
    for name in [name for name in sys.modules if name.startswith("precompute.commands.")]:
        del sys.modules[name]


@pytest.fixture
def bundle(own_bundle: Path, monkeypatch: pytest.MonkeyPatch, word_encoder: Any) -> Path:
    monkeypatch.setenv("SQID_DATA", str(own_bundle.parent))
    return own_bundle


def said(at: AppTest) -> str:
    return "\n".join(element.value.replace("\\", "") for kind in TEXTS for element in getattr(at, kind))


def offered(at: AppTest) -> set[str]:
    """The labels of all that can be chosen on a page."""
    kinds = (at.selectbox, at.get("button_group"), at.get("select_slider"))
    return {str(getattr(option, "content", option)) for kind in kinds for element in kind for option in element.options}


def tables(at: AppTest) -> str:
    return "\n".join(element.value.to_csv() for element in at.dataframe)


def test_search_offers_all_and_a_link_opens_them(bundle: Path) -> None:
    at = opened("search")
    assert {"Own method", "Own norm", "rows_text", "own_text"} <= offered(at)
    at = opened("search", method="own method", norm="own norm", text="rows_text", w="0.3")
    assert not at.exception
    assert "parameter" not in "\n".join(element.value for element in at.warning)
    assert {box.value for box in at.selectbox} >= {"own method", "own norm", "rows_text"}


def test_compare_offers_all_and_a_link_opens_them(bundle: Path) -> None:
    at = opened("compare", a="signal~rows_text", b="fused~method-own%20method~w0.3~norm-own%20norm~text-rows_text")
    assert {"Own method", "Own norm", "rows_text · own text", "own_text · text signal"} <= offered(at)
    assert "Fused · rows_text + image · own method, image .30, own norm" in said(at)
    assert "Later is better." in said(at)


def test_evaluate_offers_all_and_tabulates_them(bundle: Path) -> None:
    at = opened("evaluate", method="own method", norm="own norm", measure="own@", all="1")
    for _ in range(60):
        if "own method (own norm), cross-validated" in tables(at) and "weighted scores (own norm)" in tables(at):
            break
        rerun(at)
    assert {"Own method", "Own norm", "Own measure", "Own measure@10", "rows_text", "own_text"} <= offered(at)
    assert "own method (own norm), cross-validated" in tables(at)
    assert "weighted scores (own norm)" in tables(at)
    assert "own@10" in tables(at)
    assert "Own measure@10" in said(at)
    assert (
        "own grouping" in offered(opened("evaluate", view="per-query")) or "own grouping" in at.query_params["oracle"]
    )


def test_groups_are_offered_and_measured(bundle: Path) -> None:
    at = opened("breakdown", group_by="own grouping")
    assert "Own grouping" in offered(at)
    assert any("everyone" in str(figure.proto) for figure in at.get("plotly_chart"))
    assert "All alike." in said(at)
    assert {"Own grouping", "own grouping"} & offered(opened("queries"))


def test_dataset_and_about_tell_of_both_signals(bundle: Path) -> None:
    assert "text, row numbers" in said(opened("dataset"))
    shown = tables(opened("about"))
    assert "own family own words" in shown
    assert "judged products only" in shown


def test_verbs_offer_and_print_all(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        assert precompute([verb, "--help"]) == 0
    help_texts = capsys.readouterr().out
    for words in ("own-method", "own-norm", "own family", "recall, ap, own", "own family: nothing at all"):
        assert words in help_texts
    options = ["--fusion", "weighted,own-method,own-norm", "--measures", "own@10,rr"]
    assert precompute(["evaluate", str(bundle), "--json", *options]) == 0
    lines = {line["name"]: line for line in json.loads(capsys.readouterr().out)["methods"]}
    assert {"rows_text", "own_text", "own method best", "own norm cross-validated"} <= set(lines)
    assert lines["own method best"]["own@10"] > 0
    assert lines["random"]["own@10"] is None
    assert lines["random"]["rr"] > 0
    assert precompute(["evaluate", str(bundle), *options]) == 0
    assert "Own measure@10" in capsys.readouterr().out
    assert precompute(["verify", str(bundle)]) == 0
    assert "rows_text: own" in capsys.readouterr().out
    assert precompute(["index", str(bundle)]) == 0
