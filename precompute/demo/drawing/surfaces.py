"""Surfaces that parts are filled with: one colour or a pattern over the whole canvas."""

import math
from collections.abc import Callable
from random import Random
from typing import Any

from PIL import Image, ImageDraw

from precompute.demo.drawing.palette import RGB, accent, contrasting, darker, mix

Painter = Callable[[ImageDraw.ImageDraw, int, RGB, RGB, float, Random], None]


def surface(size: int, colour: RGB, pattern: str, rng: Random, scale: float = 1.0) -> Image.Image:
    """A square of `size` pixels in a colour with a pattern; `scale` widens the pattern."""
    image = Image.new("RGB", (size, size), colour)
    second = accent(colour, rng)
    PAINTERS[pattern](ImageDraw.Draw(image, "RGBA"), size, colour, second, scale, rng)
    return image


def _plain(*_: Any) -> None:
    """Nothing but the colour."""


def _striped(draw: ImageDraw.ImageDraw, size: int, _colour: RGB, second: RGB, scale: float, rng: Random) -> None:
    period = size * scale * rng.choice((0.075, 0.085, 0.13, 0.15))
    width = period * rng.uniform(0.38, 0.5)
    offset = rng.random() * period
    upright = rng.random() < 0.25
    for i in range(int(size / period) + 2):
        start = i * period - offset
        box = [start, 0, start + width, size] if upright else [0, start, size, start + width]
        draw.rectangle(box, fill=second)


def _dotted(draw: ImageDraw.ImageDraw, size: int, _colour: RGB, second: RGB, scale: float, rng: Random) -> None:
    step = size * scale * rng.uniform(0.095, 0.12)
    radius = step * rng.uniform(0.24, 0.31)
    for row in range(int(size / (step * 0.87)) + 2):
        for column in range(int(size / step) + 2):
            x, y = (column + 0.5 * (row % 2)) * step, row * step * 0.87
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=second)


def _checked(draw: ImageDraw.ImageDraw, size: int, colour: RGB, second: RGB, scale: float, rng: Random) -> None:
    period = size * scale * rng.uniform(0.13, 0.17)
    deep = contrasting(colour, 0.45, 0.4)
    offset = rng.random() * period
    for i in range(int(size / period) + 2):
        start = i * period - offset
        for lo, hi, ink in ((0, 0.42, (*deep, 115)), (0.66, 0.74, (*second, 200))):
            a, b = start + lo * period, start + hi * period
            draw.rectangle([a, 0, b, size], fill=ink)
            draw.rectangle([0, a, size, b], fill=ink)


def _floral(draw: ImageDraw.ImageDraw, size: int, colour: RGB, second: RGB, scale: float, rng: Random) -> None:
    step = size * scale * rng.uniform(0.15, 0.18)
    leaf = mix((70, 120, 80), colour, 0.25)
    heart = (236, 178, 60) if not colour[0] > 200 else (196, 84, 60)
    petals = [second, mix(second, (226, 110, 130), 0.45), mix(second, (250, 214, 120), 0.35)]
    for row in range(int(size / (step * 0.8)) + 2):
        for column in range(int(size / step) + 2):
            x = (column + 0.5 * (row % 2) + rng.uniform(-0.12, 0.12)) * step
            y = (row * 0.8 + rng.uniform(-0.12, 0.12)) * step
            _blossom(draw, x, y, step * rng.uniform(0.17, 0.22), rng.choice(petals), heart, leaf, rng.uniform(0, 6.28))


def _blossom(
    draw: ImageDraw.ImageDraw, x: float, y: float, r: float, petal: RGB, heart: RGB, leaf: RGB, turn: float
) -> None:
    """Five petals round a heart, with a leaf on two sides."""
    for angle in (turn + 0.6, turn + 3.5):
        lx, ly = x + 1.75 * r * math.cos(angle), y + 1.75 * r * math.sin(angle)
        draw.polygon([(x, y), (lx + 0.5 * r, ly - 0.3 * r), (lx, ly), (lx - 0.4 * r, ly + 0.5 * r)], fill=leaf)
    for i in range(5):
        px, py = x + r * math.cos(turn + i * 1.2566), y + r * math.sin(turn + i * 1.2566)
        draw.ellipse([px - 0.68 * r, py - 0.68 * r, px + 0.68 * r, py + 0.68 * r], fill=petal)
    draw.ellipse([x - 0.5 * r, y - 0.5 * r, x + 0.5 * r, y + 0.5 * r], fill=heart)


def _zigzag(draw: ImageDraw.ImageDraw, size: int, _colour: RGB, second: RGB, scale: float, rng: Random) -> None:
    period = size * scale * rng.uniform(0.12, 0.15)
    tooth = period * 0.55
    width = round(period * rng.uniform(0.3, 0.4))
    for row in range(-1, int(size / period) + 2):
        points = [(i * tooth, row * period + (tooth * 0.9 if i % 2 else 0)) for i in range(int(size / tooth) + 3)]
        draw.line(points, fill=second, width=width, joint="curve")


PAINTERS: dict[str, Painter] = {
    "plain": _plain,
    "striped": _striped,
    "dotted": _dotted,
    "checked": _checked,
    "floral": _floral,
    "zigzag": _zigzag,
}


def knitted(image: Image.Image, rows: int = 70) -> Image.Image:
    """The surface with fine horizontal ribs, as a knit has them."""
    size = image.width
    lines = Image.new("L", (1, size))
    draw = ImageDraw.Draw(lines)
    for i in range(rows):
        y = i * size / rows
        draw.rectangle([0, y, 1, y + size / rows * 0.35], fill=34)
    image.paste((20, 18, 24), (0, 0), lines.resize((size, size)))
    return image


def wooden(size: int, colour: RGB, rng: Random) -> Image.Image:
    """A board with a few darker grains."""
    image = Image.new("RGB", (size, size), colour)
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        y = rng.random() * size
        draw.line(
            [(0, y), (size, y + rng.uniform(-0.04, 0.04) * size)], fill=darker(colour, 0.14), width=max(1, size // 170)
        )
    return image
