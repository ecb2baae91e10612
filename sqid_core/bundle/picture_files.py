"""Pictures from strangers: opened without trust, and made what a shop's page would show."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from ..errors import InputError

# Raster formats only: an EPS would start Ghostscript, an SVG can hold script.
FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
MOST_PIXELS = 50_000_000
# What the largest value of a picture with more than 8 bits stands for: the least of these that is not below it.
_WHITES = (1, 255, 65_535)


class PictureError(InputError):
    """Bytes that are no picture which may be shown; the text says why, for a person."""


class TooLargeError(PictureError):
    """More pixels than are decoded."""


class TooSmallError(PictureError):
    """A whole picture, but not of anything."""


def opened_picture(
    body: bytes, side: int | None = None, most_pixels: int = MOST_PIXELS, least_side: int = 1
) -> Image.Image:
    """The decoded picture: first frame, upright, RGB on white, at most `side` pixels wide and high (None: as it is).

    most_pixels: looked up before anything is decoded. Raises PictureError, whatever the bytes.
    """
    try:
        with Image.open(BytesIO(body), formats=_known_formats()) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise TooLargeError(f"{width} x {height} pixels")
            if min(width, height) < least_side:
                image.load()
                raise TooSmallError(f"{width} x {height} pixels")
            if side is not None:
                # A JPEG is decoded at a half or a quarter of its size where that suffices.
                image.draft("RGB", (side, side))
            whole = _on_white(ImageOps.exif_transpose(_eight_bits(image)))
            return whole if side is None else _small(whole, side)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise TooLargeError(f"more than {most_pixels:,} pixels") from None
    except Exception as error:
        # Damaged files make Pillow's decoders raise nearly anything: OSError, SyntaxError, ValueError, struct.error …
        raise PictureError(str(error) or type(error).__name__) from None


def _known_formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey pictures of 16 or 32 bits and of floats, brought to 8: Pillow's own conversion cuts them off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    highest = float(values.max(initial=0.0))
    white = 65_535 if image.mode.startswith("I;16") else next((w for w in _WHITES if w >= highest), highest)
    grey = Image.fromarray((np.clip(values / white, 0, 1) * 255).round().astype(np.uint8))
    grey.info = {name: value for name, value in image.info.items() if name != "transparency"}
    return grey


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white, as on a shop's page."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _small(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image
