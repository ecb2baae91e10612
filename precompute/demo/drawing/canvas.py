"""A canvas that paints shaded parts: each outline is filled with a surface and lit from the upper left.

All coordinates and widths are shares of the picture, so the same drawing comes out at any size: large for the shop,
small for training. Parts are drawn at twice the size and reduced at the end.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from precompute.demo.drawing.palette import RGB, lighter
from precompute.demo.drawing.shapes import Outline, turned

OVERSAMPLING = 2
Form = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Canvas:
    """One picture being drawn. `size` is the finished picture's side in pixels."""

    def __init__(self, size: int, rng: Random) -> None:
        self.size = size * OVERSAMPLING
        self.image = _studio(self.size).copy()
        self.angle = rng.uniform(-1.8, 1.8)
        self.scale = rng.uniform(0.93, 1.02)
        self.shift = (rng.uniform(-0.015, 0.015), rng.uniform(-0.015, 0.015))

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self.image.reduce(OVERSAMPLING)

    def step_aside(self) -> None:
        """What is drawn from now on stands small in the lower right corner, before the rest."""
        self.scale *= 0.42
        self.shift = (0.27, 0.24)

    def pixels(self, points: Outline) -> list[tuple[float, float]]:
        """Unit coordinates in this canvas's pose, in pixels."""
        return [
            (
                (0.5 + (x - 0.5) * self.scale + self.shift[0]) * self.size,
                (0.5 + (y - 0.5) * self.scale + self.shift[1]) * self.size,
            )
            for x, y in turned(points, self.angle, (0.5, 0.5))
        ]

    def mask(self, outlines: Sequence[Outline], holes: Sequence[Outline] = ()) -> Image.Image:
        """White where the outlines are, less the holes."""
        mask = Image.new("L", (self.size, self.size))
        draw = ImageDraw.Draw(mask)
        for outline in outlines:
            draw.polygon(self.pixels(outline), fill=255)
        for hole in holes:
            draw.polygon(self.pixels(hole), fill=0)
        return mask

    def paint(
        self,
        outline: Outline,
        surface: Image.Image | RGB,
        relief: float = 0.6,
        softness: float = 0.03,
        form: Form | None = None,
        alpha: float = 1.0,
        holes: Sequence[Outline] = (),
        within: Image.Image | None = None,
    ) -> Image.Image:
        """Fill an outline and shade it; gives its mask back.

        relief: how strongly the rim is lit and shaded; softness: how far the shading reaches inwards; form: a further
        shading over the part's box, from (u, v) in 0..1 to -1 (dark) .. 1 (bright); within: only inside this mask.
        """
        mask = self.mask([outline], holes)
        if within is not None:
            mask = ImageChops.multiply(mask, within)
        box = _aligned(mask.getbbox(), self.size, reach=round(softness * self.size))
        if box is None:
            return mask
        part = mask.crop(box)
        filled = Image.new("RGB", part.size, surface) if isinstance(surface, tuple) else surface.crop(box)
        shade = _shade(part, relief, softness * self.size, form)
        filled = ImageChops.hard_light(filled, Image.merge("RGB", (shade, shade, shade)))
        self.image.paste(filled, box, part if alpha >= 1 else part.point(lambda value: round(value * alpha)))
        return mask

    def line(self, points: Outline, colour: RGB, width: float) -> None:
        """A line of a width in shares of the picture, with round joints."""
        ImageDraw.Draw(self.image).line(self.pixels(points), fill=colour, width=self._width(width), joint="curve")

    def stitches(self, points: Outline, colour: RGB, width: float = 0.004) -> None:
        """A dashed seam along the points: every other segment is drawn."""
        draw = ImageDraw.Draw(self.image)
        pixels = self.pixels(points)
        for start, end in zip(pixels[::2], pixels[1::2], strict=False):
            draw.line([start, end], fill=colour, width=self._width(width))

    def flat(self, outline: Outline, colour: RGB) -> None:
        """An unshaded patch, for small details."""
        ImageDraw.Draw(self.image).polygon(self.pixels(outline), fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: RGB) -> None:
        """A small disc with a light point: a button, a rivet."""
        draw = ImageDraw.Draw(self.image)
        [(px, py)] = self.pixels([(x, y)])
        r = radius * self.size
        draw.ellipse([px - r, py - r, px + r, py + r], fill=colour)
        draw.ellipse([px - r * 0.6, py - r * 0.7, px, py - r * 0.1], fill=lighter(colour, 0.45))

    def shadow(self, outlines: Sequence[Outline], strength: float = 0.3, blur: float = 0.02) -> None:
        """A soft shadow in the shape of the outlines."""
        small = Canvas.mask(self, outlines).reduce(8).filter(ImageFilter.GaussianBlur(blur * self.size / 8))
        # Without a pixel around it the blur's rim would be cut; further out nothing is shaded.
        box = _aligned(small.getbbox(), small.width, reach=1)
        if box is None:
            return
        mask = small.crop(box).point(lambda value: round(value * strength))
        mask = mask.resize((mask.width * 8, mask.height * 8), Image.Resampling.BILINEAR)
        self.image.paste((48, 44, 54), (box[0] * 8, box[1] * 8), mask)

    def _width(self, share: float) -> int:
        return max(1, round(share * self.size * self.scale))


def cylinder(u: np.ndarray, _v: np.ndarray) -> np.ndarray:
    """An upright cylinder: a bright stripe left of the middle, darker to both sides, darkest on the right."""
    return (
        0.55 * np.exp(-(((u - 0.3) / 0.16) ** 2))
        - 0.55 * np.clip(u - 0.45, 0, 1) ** 1.5 * 2
        - 0.35 * np.clip(0.18 - u, 0, 1) * 3
    )


def sphere(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A ball: a soft light in the upper left, shade in the lower right."""
    return 0.6 * np.exp(-(((u - 0.33) ** 2 + (v - 0.28) ** 2) / 0.05)) - 0.9 * np.clip(
        np.hypot(u - 0.4, v - 0.38) - 0.33, 0, 1
    )


def falling(_u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Lit from above: brighter at the top, darker at the bottom."""
    return 0.18 - 0.42 * v


def drape(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Cloth that falls in folds, deeper towards the hem."""
    return (0.10 + 0.25 * v) * np.sin(u * 26 + 1.2 * np.sin(v * 3)) - 0.15 * v


def glow(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A lampshade with the light on: bright in the lower middle."""
    return 0.75 * np.exp(-(((u - 0.5) / 0.3) ** 2) - ((v - 0.75) / 0.5) ** 2) - 0.15


def creased(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Laid-out cloth: shallow diagonal creases."""
    return 0.04 + 0.09 * np.sin(9 * u + 5 * v) + 0.06 * np.sin(17 * v - 6 * u) - 0.08 * v


@lru_cache(maxsize=4)
def _studio(size: int) -> Image.Image:
    """The background: white, a breath darker towards the bottom."""
    rows = np.linspace(254, 243, 64)[:, None, None] - np.array([0, 0.6, 2.2])
    small = Image.fromarray(np.broadcast_to(rows, (64, 1, 3)).round().astype(np.uint8), "RGB")
    return small.resize((size, size), Image.Resampling.BICUBIC)


def _aligned(box: tuple[int, int, int, int] | None, size: int, reach: int) -> tuple[int, int, int, int] | None:
    """The box, grown by the shading's reach, or the blur would see no rim, and to multiples of four."""
    if box is None:
        return None
    left, top, right, bottom = box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach
    return max(0, left // 4 * 4), max(0, top // 4 * 4), min(size, -(-right // 4) * 4), min(size, -(-bottom // 4) * 4)


def _shade(mask: Image.Image, relief: float, reach: float, form: Form | None) -> Image.Image:
    """The light on a part, worked out at a quarter size: 128 changes nothing, less shades, more lights."""
    small = mask.reduce(4)
    soft = np.asarray(small.filter(ImageFilter.GaussianBlur(max(0.6, reach / 4))), dtype=np.float32) / 255
    k = max(1, round(reach / 6))
    padded = np.pad(soft, k)
    slope = padded[2 * k :, 2 * k :] - padded[: -2 * k, : -2 * k]
    light = relief * (1.1 * slope - 0.55 * (1 - soft))
    if form is not None:
        left, top, right, bottom = small.getbbox() or (0, 0, *small.size)
        u = (np.arange(small.width, dtype=np.float32) - left) / (right - left)
        v = (np.arange(small.height, dtype=np.float32) - top) / (bottom - top)
        light = light + form(*np.meshgrid(u, v))
    grey = np.clip(128 + 100 * light, 18, 236).round().astype(np.uint8)
    return Image.fromarray(grey, "L").resize(mask.size, Image.Resampling.BILINEAR)
