"""Scales of one's own: order, letters, colours, gains, and what is no scale."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.bundle.labels import ESCI, LabelScale, grade_number
from sqid_core.bundle.own_scales import LEAST_CONTRAST, colours, contrast_with_white, label_scale, letters
from sqid_core.errors import InputError


def test_a_scale_by_hand():
    scale = label_scale(" Irrelevant=0, Exact match = 1,Partial=0.5")
    assert scale.names == ("Exact match", "Partial", "Irrelevant")
    assert scale.letters == ("E", "P", "I")
    assert scale.gain_tables == (("own", (1.0, 0.5, 0.0)),)
    assert scale.relevant_from == 0
    assert scale.code("partial") == scale.code("P") == 1
    assert msgspec.convert(scale.to_json(), LabelScale) == scale


def test_numbers_and_equal_gains():
    scale = label_scale("2=3,1=3,0=0")
    assert (scale.names, scale.letters, scale.relevant_from) == (("2", "1", "0"), ("2", "1", "0"), 1)


def test_a_letter_is_never_another_name():
    assert letters(["Excellent", "Exact", "E", "ex"]) == ["X", "A", "E", "B"]
    assert letters(["--", "??"]) == ["A", "B"]


@given(
    st.lists(
        st.text(st.characters(exclude_characters=",=").filter(str.isprintable), min_size=1, max_size=6),
        min_size=1,
        max_size=30,
    )
)
def test_any_names_make_a_scale(names):
    plain = [" ".join(name.split()) for name in names if name.strip()]
    words = {grade_number(name) if grade_number(name) is not None else name.lower(): name for name in plain}
    if not words:
        return
    scale = label_scale(",".join(f"{name}={i}" for i, name in enumerate(words.values(), 1)))
    assert len({letter.lower() for letter in scale.letters}) == len(words)
    assert all(scale.letters[scale.code(letter)] == letter for letter in scale.letters)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=100))
def test_white_can_be_read_on_every_colour(gains):
    found = colours(sorted(gains, reverse=True))
    assert len(found) == len(gains)
    assert min(map(contrast_with_white, found)) >= LEAST_CONTRAST
    if len(gains) <= 20:
        assert len(set(found)) == len(found)


def test_contrast_by_hand():
    assert contrast_with_white("#000000") == 21
    assert contrast_with_white("#ffffff") == 1
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.005)
    assert min(map(contrast_with_white, ESCI.colors)) >= LEAST_CONTRAST


@pytest.mark.parametrize(
    "text", ["", ",", "Exact", "Exact=", "=1", "Exact=one", "Exact=1,exact=0", "A=0,B=0", "A=-1", "A=nan"]
)
def test_what_is_no_scale(text):
    with pytest.raises(InputError, match="--labels"):
        label_scale(text)
