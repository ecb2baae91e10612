"""What strangers' texts and this machine give away: formulas, pictures elsewhere, addresses, a hub that is silent."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from sqid_core.bundle.labels import LabelScale
from sqid_core.encoders import model_files
from sqid_core.exports.heading import Heading
from sqid_core.exports.tables import Table, csv_of, without_formulas
from sqid_ui.parts.picture_addresses import picture_address


def test_no_cell_and_no_heading_is_a_formula() -> None:
    frame = pd.DataFrame(
        {"=A1": ["=HYPERLINK(1)", "@x", "+1", "plain", None], "n": [1.0, -2.0, 3.0, None, 5.0], 7: list("-abcd")}
    )
    shown = without_formulas(frame)
    assert shown.iloc[:, 0].tolist()[:4] == ["'=HYPERLINK(1)", "'@x", "+1", "plain"]
    assert shown.columns.tolist() == ["'=A1", "n", 7]
    assert shown[7].tolist() == ["'-", *"abcd"]
    text = csv_of(Table(frame), Heading("a,=1", "b"))
    assert text.startswith("# title: a,'=1\n")
    assert '\n"\'=A1","n",7\n"\'=HYPERLINK(1)",1.0,"\'-"\n' in text
    assert frame.columns[0] == "=A1"


@pytest.mark.parametrize("color", ["url(https://example.com/x)", "red;x", "var(--x)", "#12", "", "expression(1)"])
def test_a_colour_is_a_colour(color: str) -> None:
    with pytest.raises(ValueError, match="colors are written"):
        LabelScale(("Good",), ("G",), (color,), (("own", (1.0,)),))


def test_pictures_elsewhere_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert picture_address("https://shop.example/a.jpg", "f00") == "https://shop.example/a.jpg"
    monkeypatch.setenv("SQID_REMOTE_PICTURES", "off")
    assert picture_address("https://shop.example/a.jpg", "f00") is None
    assert picture_address("a.webp", "f00") == "/pictures/f00/a.webp"


def test_a_silent_hub_is_asked_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(model_files, "_PROBE_SECONDS", 0.05)
    monkeypatch.setattr(model_files, "_silent_until", [0.0])
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    # As a look-up of a name is that nobody answers.
    monkeypatch.setattr(model_files, "_probe", lambda *_: asked.append(1) or time.sleep(1))
    assert [model_files.hub_answers() for _ in range(3)] == [False] * 3
    assert len(asked) == 1
    monkeypatch.setattr(model_files, "_silent_until", [0.0])
    monkeypatch.setattr(model_files, "_PROBE_SECONDS", 30.0)
    monkeypatch.setattr(model_files, "_probe", lambda _, answered: answered.set())
    assert model_files.hub_answers()
