from dataclasses import replace

import msgspec
import numpy as np
import pytest
from fixtures import THREE

from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.errors import InputError


def test_esci_gains_are_the_papers_and_the_scripts() -> None:
    assert ESCI.gains().tolist() == [1, 0.1, 0.01, 0]
    assert ESCI.gains("esci-script").tolist() == [1, 0.01, 0.1, 0]
    assert ESCI.gain_names == ("paper", "esci-script")


@pytest.mark.parametrize(("text", "code"), [("E", 0), ("exact", 0), (" Substitute ", 1), ("c", 2), ("IRRELEVANT", 3)])
def test_a_label_is_known_by_name_and_letter(text: str, code: int) -> None:
    assert ESCI.code(text) == code


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown label 'X'; expected one of: Exact \(E\), Substitute \(S\)"):
        ESCI.code("X")
    with pytest.raises(InputError, match="unknown gains 'mine'; choose one of: paper, esci-script"):
        ESCI.gains("mine")


def test_relevance_stops_at_the_scales_threshold_and_leaves_padding_out() -> None:
    labels = np.array([-1, 0, 1, 2], dtype=np.int8)
    assert ESCI.is_relevant(labels).tolist() == [False, True, False, False]
    assert THREE.is_relevant(labels).tolist() == [False, True, True, False]


@pytest.mark.parametrize("scale", [ESCI, THREE])
def test_json_round_trip(scale: LabelScale) -> None:
    assert msgspec.convert(scale.to_json(), LabelScale) == scale


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"letters": ("G", "F")}, "expected 3 letters and colors"),
        ({"letters": ("G", "G", "B")}, "must be distinct"),
        ({"gain_tables": ()}, "at least one gain table"),
        ({"gain_tables": (("plain", (0, 0, 0)),)}, "one of them above 0"),
        ({"gain_tables": (("plain", (1, -1, 0)),)}, "finite gains >= 0"),
        ({"relevant_from": 3}, "0 to 2, got 3"),
    ],
)
def test_a_scale_checks_itself(change: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(THREE, **change)


def contrast_with_white(color: str) -> float:
    """WCAG 2 contrast ratio."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))


def test_white_text_is_readable_on_every_chip() -> None:
    assert min(map(contrast_with_white, ESCI.colors)) >= 4.5
