"""Evaluate's view of saved evaluations: over time, two by two, and files that are none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analysing import frame_with, opened, texts
from fixtures import build_tiny_bundle
from provider import with_login
from searching import row_lists

from precompute.__main__ import main
from precompute.steps.access import show_to
from sqid_core.evaluation.regressions import changes
from sqid_core.evaluation.saved import parsed_evaluation, read_evaluation
from sqid_core.evaluation.saved_means import in_short, over_time
from sqid_core.figures.history import history_lines
from sqid_core.figures.style import LIGHT
from sqid_ui.analysis.history import kept


@pytest.fixture(scope="module")
def saved(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation, one of a day later that is worse on two queries, and one by other gains."""
    folder = tmp_path_factory.mktemp("saved")
    usual = ["evaluate", str(tiny_bundle), "--fusion", "rrf", "--measures", "rr", "--save"]
    assert main([*usual, str(folder / "first.json")]) == 0
    held = json.loads((folder / "first.json").read_text())
    held |= {"made": "2026-01-01T12:00:00+00:00"}
    (folder / "first.json").write_text(json.dumps(held))
    for name, made, change in (("second", "2026-01-02T12:00:00+00:00", _worse), ("other", "2026-01-03", _by_script)):
        later = json.loads(json.dumps(held)) | {"made": made}
        change(later)
        (folder / f"{name}.json").write_text(json.dumps(later))
    return folder


def _worse(held: dict[str, Any]) -> None:
    held["settings"]["fingerprint"] = "f" * 64
    values = held["methods"][2]["values"]["ndcg"]
    values[0], values[3] = values[0] - 0.25, values[3] + 0.125


def _by_script(held: dict[str, Any]) -> None:
    held["settings"]["gains"] = "esci-script"


@pytest.fixture
def folder(data_root: Path, saved: Path) -> Iterator[Path]:
    found = data_root / kept.FOLDER
    shutil.copytree(saved, found)
    yield found
    shutil.rmtree(found)


def test_the_latest_two_that_are_alike_are_compared(folder: Path) -> None:
    at = opened("evaluate", view="history", later="second")
    table = frame_with(at, "p Holm")
    assert table["method"].tolist() == ["words_text", "words_image", "rrf 0.5"]
    [moved] = [each for each in changes(*_two(folder), "ndcg") if each.name == "words_text"]
    row = table.iloc[0]
    assert row["difference"] == pytest.approx(moved.difference) == pytest.approx(-0.125 / 8)
    assert (row["wins"], row["losses"], row["n"]) == (1, 1, 8)
    said = texts(at).replace("\\", "")
    assert "The bundle is another one" in said
    assert "Not compared" not in said
    [listed] = row_lists(at)
    assert listed["difference"].tolist() == pytest.approx([-0.25, 0.125])


def _two(folder: Path) -> tuple[Any, Any]:
    return read_evaluation(folder / "first.json"), read_evaluation(folder / "second.json")


def test_what_cannot_be_compared_is_a_sentence(folder: Path) -> None:
    at = opened("evaluate", view="history", later="other", earlier="first")
    said = texts(at).replace("\\", "")
    assert "Not compared: first has gains paper and other has esci-script" in said
    # By itself the page takes what was made alike where there is something.
    assert "Not compared" in texts(opened("evaluate", view="history"))
    del folder


def test_files_that_are_none_and_of_other_bundles_are_named(folder: Path) -> None:
    (folder / "broken.json").write_text("{")
    held = json.loads((folder / "first.json").read_text())
    held["settings"]["bundle"] = "elsewhere <b>"
    (folder / "foreign.json").write_text(json.dumps(held))
    at = opened("evaluate", view="history")
    said = texts(at).replace("\\", "")
    assert "broken.json is no saved evaluation" in said
    assert str(folder) not in said
    assert "1 more file is of another bundle: elsewhere <b>" in said
    assert frame_with(at, "unranked")["name"].tolist() == ["other", "second", "first"]


def test_a_link_to_a_file_that_is_not_here_says_so(folder: Path) -> None:
    del folder
    at = opened("evaluate", view="history", later="theirs")
    assert "theirs of the link: not here" in texts(at)


def test_names_of_strangers_are_no_markup_in_the_figure(saved: Path) -> None:
    frame = over_time([in_short(read_evaluation(saved / "first.json"))], "ndcg").assign(method="<b>x</b>")
    drawn = history_lines(frame.assign(name="<a href='//x'>y</a>"), LIGHT, "NDCG").to_json()
    assert "<" not in drawn.replace("<br>", "").replace("<extra></extra>", "")


def test_without_files_the_page_says_how_to_make_one(data_root: Path) -> None:
    at = opened("evaluate", view="history")
    assert "has been saved yet" in texts(at)
    [code] = at.code
    assert code.value.startswith(f"python -m precompute evaluate {data_root.name}/tiny --save")


def test_an_upload_is_read_refused_and_bounded(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (saved / "first.json").read_bytes()
    found = kept._read("mine", body, ())
    assert found.uploaded
    assert found.short.queries == 8
    with pytest.raises(kept.InputError, match="is no saved evaluation"):
        kept._read("mine", b"[1]", ())
    with pytest.raises(kept.InputError, match="8 uploads are kept"):
        kept._read("mine", body, (found,) * 8)
    monkeypatch.setattr(kept, "_MOST_KEPT", 1_000)
    with pytest.raises(kept.InputError, match="forget the others"):
        kept._read("mine", body, (found,))
    monkeypatch.setattr(kept, "MOST_MEGABYTES", 0)
    with pytest.raises(kept.InputError, match="at most 0 MB"):
        kept._read("mine", body, ())


def test_lines_join_what_was_measured_alike(saved: Path) -> None:
    those = [in_short(read_evaluation(path)) for path in sorted(saved.glob("*.json"))]
    frame = over_time(those, "ndcg")
    text = frame[frame["method"] == "words_text"]
    assert text["when"].is_monotonic_increasing
    assert text["line"].tolist() == [0, 0, 1]
    method = parsed_evaluation((saved / "first.json").read_bytes(), "x").methods["words_text"]
    assert text["mean"].iloc[0] == pytest.approx(np.nanmean(method.values["ndcg"]))


def test_of_a_bundle_that_somebody_may_not_see_no_name_is_read(folder: Path, data_root: Path) -> None:
    private = build_tiny_bundle(data_root / "secret", name="secret")
    show_to(private, ["groups=team"])
    for name in ("secret", "gone"):
        held = json.loads((folder / "first.json").read_text())
        held["settings"]["bundle"] = name
        (folder / f"{name}.json").write_text(json.dumps(held))
    said = texts(opened("evaluate", view="history"))
    assert [line for line in said.splitlines() if "more file" in line] == ["1 more file is of another bundle: gone."]
    (folder / "secret torn.json").write_text("{")
    with with_login():
        said = texts(opened("evaluate", view="history"))
    assert not any(name in said for name in ("gone", "secret", "torn"))
