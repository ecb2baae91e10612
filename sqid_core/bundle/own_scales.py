"""A label scale from words such as "Exact=1,Partial=0.5,Irrelevant=0": letters and colours are found for it."""

from __future__ import annotations

import colorsys
import math
import string
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ..errors import InputError
from .labels import LabelScale, grade_number

GAINS = "own"
_GREEN, _GREY = "#047857", "#6b7280"
# From blue by purple and red to amber, as parts of the colour wheel; what lies between amber and green is too light.
_FIRST_HUE, _LAST_HUE, _SATURATION = 0.62, 1.09, 0.75
LEAST_CONTRAST = 4.5
MOST_GRADES = 100
# Of a grade's own number on a chip.
_LONGEST_MARK = 3


def label_scale(text: str) -> LabelScale:
    """The scale that the text describes, best gain first; the labels with the best gain count as relevant.

    Raises InputError where the text is not NAME=GAIN,NAME=GAIN,...
    """
    labels = [_label(part) for part in text.split(",") if part.strip()]
    try:
        return scale_of(labels)
    except InputError as error:
        raise InputError(f"--labels {text!r} {error}") from None


def scale_of(labels: Sequence[tuple[str, float]]) -> LabelScale:
    """The scale of some labels and what each is worth, best first whatever their order; those that are worth most count
    as relevant. Raises InputError where it is none."""
    ranked = sorted(labels, key=lambda label: -label[1])
    names, gains = [name for name, _ in ranked], [gain for _, gain in ranked]
    grades = [grade for name in names if (grade := grade_number(name)) is not None]
    if len(set(grades)) < len(grades):
        raise InputError("names one grade twice: labels that are numbers are compared as numbers")
    try:
        return LabelScale(
            names=tuple(names),
            letters=tuple(letters(names)),
            colors=tuple(colours(gains)),
            gain_tables=((GAINS, tuple(gains)),),
            relevant_from=gains.count(max(gains, default=0.0)) - 1,
        )
    except ValueError as error:
        raise InputError(f"is no scale: {error}") from None


def number_scale(grades: Iterable[str]) -> LabelScale:
    """Labels that are numbers, each its own gain, below 0 none; every grade above 0 counts as relevant, as trec_eval
    and the engines have it. 0 is on the scale whether it occurs or not.

    Raises InputError where that is no scale: more than a hundred grades, or none above 0.
    """
    found = {grade for text in (*grades, "0") if (grade := grade_number(text)) is not None}
    if not all(map(math.isfinite, found)):
        raise InputError("a grade is too large for a number; say with --labels what each is worth")
    # The shortest texts that are these numbers: as single precision, in which grades are compared.
    names = [np.format_float_positional(np.float32(value), trim="-") for value in sorted(found, reverse=True)]
    gains = tuple(max(float(name), 0.0) for name in names)
    if not gains[0] > 0:
        raise InputError("no grade is above 0, so nothing would be relevant; say with --labels what each is worth")
    if len(names) > MOST_GRADES:
        raise InputError(
            f"there are {len(names):,} different grades, more than the {MOST_GRADES} of a scale; round them"
        )
    try:
        return LabelScale(
            tuple(names),
            tuple(letters(names)),
            tuple(colours(gains)),
            ((GAINS, gains),),
            relevant_from=sum(gain > 0 for gain in gains) - 1,
        )
    except ValueError as error:
        raise InputError(f"the grades are no scale: {error}") from None


def _label(part: str) -> tuple[str, float]:
    name, equals, gain = (word.strip() for word in part.rpartition("="))
    try:
        if not (name and equals):
            raise ValueError
        return name, float(gain)
    except ValueError:
        raise InputError(
            f"--labels holds {part.strip()!r}; expected NAME=GAIN with commas between, as in Exact=1,Partial=0.5,None=0"
        ) from None


def letters(names: Sequence[str]) -> list[str]:
    """A short mark for each name, unlike every other mark and every other name: of a number that number where it is
    short, else the first free letter, or digit where no label is a number and none could be read as another's grade."""
    graded = any(grade_number(name) is not None for name in names)
    found: list[str] = []
    for i, name in enumerate(names):
        taken = {mark.lower() for mark in found} | {other.lower() for j, other in enumerate(names) if j != i}
        found.append(next(mark for mark in _marks(name, graded) if mark.lower() not in taken))
    return found


def _marks(name: str, graded: bool) -> Iterator[str]:
    grade = grade_number(name)
    if grade is not None:
        number = f"{grade:.6g}".replace("0.", ".", 1) if 0 < abs(grade) < 1 else f"{grade:.6g}"
        if len(number) <= _LONGEST_MARK and grade_number(number) == grade:
            yield number
    signs = [sign for sign in name if sign.isalnum() and len(sign.upper()) == 1]
    yield from (sign.upper() for sign in signs if not (graded and sign.isnumeric()))
    yield from string.ascii_uppercase + ("" if graded else string.digits)
    yield from (f"{letter}{digit}" for letter in string.ascii_uppercase for digit in string.digits)


def colours(gains: Sequence[float]) -> list[str]:
    """A colour a label, dark enough for white text: green for the best, grey for a last one without gain."""
    last = [_GREY] if len(gains) > 1 and gains[-1] == 0 else []
    between = len(gains) - 1 - len(last)
    step = (_LAST_HUE - _FIRST_HUE) / max(between - 1, 1)
    return [_GREEN, *(_dark_enough(_FIRST_HUE + step * i) for i in range(between)), *last]


def _dark_enough(hue: float) -> str:
    """The lightest colour of a hue that white text can be read on."""
    for percent in range(60, 0, -1):
        red, green, blue = colorsys.hls_to_rgb(hue % 1, percent / 100, _SATURATION)
        colour = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        if contrast_with_white(colour) >= LEAST_CONTRAST:
            break
    return colour


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of WCAG 2.1 between white and a colour given as #rrggbb: 1 to 21."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
