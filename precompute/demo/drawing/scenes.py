"""The scenes on the posters, each in tones of one colour. `sheet` is the paper's mask: no paint gets outside it."""

import math
from collections.abc import Callable
from random import Random

from PIL import Image

from precompute.demo.drawing.canvas import Canvas, falling
from precompute.demo.drawing.palette import CREAM, RGB, darker, is_light, lighter, mix
from precompute.demo.drawing.shapes import Outline, curve, ellipse, mirrored, moved, ribbon, smooth

Scene = Callable[[Canvas, RGB, Image.Image, Random], None]
SUN: RGB = (250, 226, 160)


def _tone(colour: RGB, depth: float) -> RGB:
    """A tone of the colour: 0 pale, 1 deep."""
    base = darker(colour, 0.12) if is_light(colour) else colour
    return lighter(base, 0.45 * (1 - 2 * depth)) if depth < 0.5 else darker(base, 0.9 * (depth - 0.5))


def _sun(canvas: Canvas, sheet: Image.Image, rng: Random) -> None:
    canvas.paint(
        ellipse(rng.uniform(0.36, 0.64), rng.uniform(0.26, 0.34), 0.065, 0.065),
        mix(SUN, CREAM, 0.3),
        relief=0.1,
        within=sheet,
    )


def _mountains(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    _sun(canvas, sheet, rng)
    for i, base in enumerate((0.42, 0.55, 0.68)):
        ridge = [
            (0.2 + 0.1 * k, base + (0.1 if k % 2 == i % 2 else -0.06) + rng.uniform(-0.03, 0.03)) for k in range(7)
        ]
        canvas.paint([*ridge, (0.8, 0.9), (0.2, 0.9)], _tone(colour, 0.2 + 0.35 * i), relief=0.3, within=sheet)


def _sea(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    _sun(canvas, sheet, rng)
    _waves(canvas, colour, sheet, rng, 0.5)


def _waves(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random, top: float) -> None:
    start = rng.random() * 6
    for i in range(5):
        y = top + i * (0.86 - top) / 5
        crest = [(0.2 + 0.02 * k, y + 0.018 * math.sin(start + i * 1.9 + k * 0.75)) for k in range(31)]
        canvas.paint(
            [*crest, (0.8, 0.9), (0.2, 0.9)], _tone(colour, 0.25 + 0.16 * i), relief=0.5, softness=0.012, within=sheet
        )


def _boat(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    x = rng.uniform(-0.05, 0.05)
    sail: Outline = [(0.51, 0.26), (0.66, 0.6), (0.51, 0.6)]
    jib: Outline = [(0.49, 0.31), (0.49, 0.6), (0.37, 0.6)]
    canvas.paint(moved(sail, x, 0), CREAM, relief=0.5, within=sheet)
    canvas.paint(moved(jib, x, 0), _tone(colour, 0.2), relief=0.5, within=sheet)
    canvas.paint(
        moved([(0.34, 0.62), (0.68, 0.62), (0.62, 0.7), (0.4, 0.7)], x, 0),
        _tone(colour, 0.95),
        relief=0.5,
        within=sheet,
    )
    _waves(canvas, colour, sheet, rng, 0.68)


def _city(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    _sun(canvas, sheet, rng)
    for depth, low in ((0.3, 0.36), (0.85, 0.5)):
        x = 0.22
        while x < 0.78:
            width = rng.uniform(0.06, 0.1)
            top = rng.uniform(low, low + 0.2)
            canvas.paint(
                [(x, top), (x + width, top), (x + width, 0.9), (x, 0.9)], _tone(colour, depth), relief=0.3, within=sheet
            )
            if depth > 0.5:
                _windows(canvas, x, top, width)
            x += width + 0.006


def _windows(canvas: Canvas, x: float, top: float, width: float) -> None:
    for row in range(int((0.84 - top) / 0.05)):
        for share in (0.3, 0.7):
            cx, cy = x + width * share, top + 0.03 + row * 0.05
            if 0.25 < cx < 0.75:
                canvas.flat(
                    [(cx - 0.009, cy), (cx + 0.009, cy), (cx + 0.009, cy + 0.018), (cx - 0.009, cy + 0.018)], SUN
                )


def _trees(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    canvas.paint(
        smooth([(0.2, 0.75), (0.4, 0.71), (0.6, 0.75), (0.82, 0.72), (0.82, 0.9), (0.2, 0.9)], steps=4),
        _tone(colour, 0.3),
        within=sheet,
    )
    for x, y, size in ((0.34, 0.7, 0.8), (0.66, 0.72, 0.9), (0.5, 0.8, 1.25)):
        x += rng.uniform(-0.03, 0.03)
        canvas.paint(
            ribbon([(x, y - 0.05), (x, y + 0.03)], 0.024 * size),
            darker(_tone(colour, 0.9), 0.2),
            relief=0.3,
            within=sheet,
        )
        for k in range(3):
            width, base = (0.12 - 0.026 * k) * size, y - 0.03 - 0.085 * k * size
            canvas.paint(
                [(x - width, base), (x, base - 0.15 * size), (x + width, base)],
                _tone(colour, 0.85 - 0.13 * k),
                relief=0.4,
                within=sheet,
            )


def _cat(canvas: Canvas, colour: RGB, sheet: Image.Image, _rng: Random) -> None:
    dark = _tone(colour, 0.95)
    tail = curve([(0.6, 0.8), (0.7, 0.74), (0.69, 0.6), (0.64, 0.55)])
    canvas.paint(ribbon(tail, 0.045, 0.03), dark, relief=0.4, within=sheet)
    canvas.paint(
        smooth(mirrored([(0.5, 0.46), (0.57, 0.52), (0.62, 0.7), (0.62, 0.83), (0.5, 0.84)]), steps=5),
        dark,
        relief=0.6,
        within=sheet,
    )
    canvas.paint(ellipse(0.5, 0.42, 0.105, 0.09), dark, relief=0.6, within=sheet)
    for side in (-1, 1):
        canvas.paint(
            [(0.5 + side * 0.1, 0.42), (0.5 + side * 0.1, 0.28), (0.5 + side * 0.03, 0.35)],
            dark,
            relief=0.3,
            within=sheet,
        )
        canvas.flat(ellipse(0.5 + side * 0.043, 0.415, 0.02, 0.016), SUN)
        canvas.flat(ellipse(0.5 + side * 0.043, 0.415, 0.006, 0.015), (20, 20, 24))


def _leaf(canvas: Canvas, colour: RGB, sheet: Image.Image, _rng: Random) -> None:
    deep = _tone(colour, 0.75)
    stem = curve([(0.5, 0.84), (0.49, 0.55), (0.52, 0.22)])
    for k in range(5):
        y = 0.74 - k * 0.115
        for side in (-1, 1):
            blade = [
                (0.5, y),
                (0.5 + side * 0.09, y - 0.11),
                (0.5 + side * 0.2, y - 0.12),
                (0.5 + side * 0.13, y - 0.015),
            ]
            canvas.paint(
                smooth(blade, steps=5), _tone(colour, 0.45 + 0.08 * k), relief=0.6, softness=0.015, within=sheet
            )
    canvas.paint(ribbon(stem, 0.014), deep, relief=0.3, within=sheet)


def _circles(canvas: Canvas, colour: RGB, sheet: Image.Image, rng: Random) -> None:
    for i in range(5):
        x, y, r = rng.uniform(0.32, 0.68), rng.uniform(0.24, 0.76), rng.uniform(0.07, 0.17)
        canvas.paint(
            ellipse(x, y, r, r), _tone(colour, 0.15 + 0.2 * i), relief=0.15, alpha=0.88, form=falling, within=sheet
        )
    canvas.paint(
        ribbon([(0.3, rng.uniform(0.6, 0.8)), (0.7, rng.uniform(0.25, 0.5))], 0.012),
        _tone(colour, 1),
        relief=0,
        within=sheet,
    )


SCENES: dict[str, Scene] = {
    "mountains": _mountains,
    "sea": _sea,
    "boat": _boat,
    "city": _city,
    "trees": _trees,
    "cat": _cat,
    "leaf": _leaf,
    "circles": _circles,
}
