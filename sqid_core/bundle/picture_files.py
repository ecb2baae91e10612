"""Pictures from strangers: opened without trust, and made what a shop's page would show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO
from threading import Lock

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from ..errors import InputError
from ..types import Floats

# Left, top, right, bottom.
Box = tuple[int, int, int, int]

# Raster formats only: an EPS would start Ghostscript, an SVG can hold script.
FORMATS = ("JPEG", "MPO", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
# A phone's usual picture has 12 million. Up to here no format takes more than 300 MB to decode, file included.
MOST_PIXELS = 16_000_000
# Decoders of these keep several copies of the whole picture.
_MOST_BY_FORMAT = {"WEBP": 12_600_000, "AVIF": 12_600_000}
# Larger ones are decoded one at a time, whoever asks: their memory would add up.
_LARGE = 4_000_000
_ONE_AT_A_TIME = Lock()
# Rows that are worked on together, so that no second copy of a large picture is made.
_STRIP = 256
# TIFF: tiles and strips are allocated whole, also where they are larger than the picture.
_TILE_WIDTH, _TILE_HEIGHT, _ROWS_A_STRIP = 322, 323, 278
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

    most_pixels: looked up before anything is decoded; no more than MOST_PIXELS are ever. Raises PictureError, whatever
    the bytes.
    """
    try:
        with Image.open(BytesIO(body), formats=_known_formats()) as image:
            _check_size(image, most_pixels, least_side)
            with _ONE_AT_A_TIME if image.width * image.height > _LARGE else nullcontext():
                return _decoded(image, side)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise TooLargeError(f"more than {min(most_pixels, MOST_PIXELS) / 1e6:.3g} million pixels") from None
    except UnidentifiedImageError:
        raise PictureError("no kind of picture that can be read") from None
    except Exception as error:
        # Damaged files make Pillow's decoders raise nearly anything: OSError, SyntaxError, ValueError, struct.error …
        raise PictureError(str(error) or type(error).__name__) from None


def _check_size(image: ImageFile, most_pixels: int, least_side: int) -> None:
    """By the header alone. Raises TooLargeError and TooSmallError."""
    width, height = image.size
    most = min(most_pixels, _MOST_BY_FORMAT.get(image.format or "", MOST_PIXELS))
    if width * height > most:
        raise TooLargeError(f"{width} x {height} pixels, and at most {most / 1e6:.3g} million are read")
    tags = getattr(image, "tag_v2", {})
    for tag, longest in ((_TILE_WIDTH, width), (_TILE_HEIGHT, height), (_ROWS_A_STRIP, height)):
        # Tiles are multiples of 16; a strip of "all rows" may be given as the largest number there is.
        if tag in tags and tags[tag] > max(longest, 1024) and tags[tag] < 2**31:
            raise PictureError(f"a tile of {tags[tag]} pixels in a picture of {width} x {height}")
    if min(width, height) < least_side:
        image.load()
        raise TooSmallError(f"{width} x {height} pixels")


def _decoded(image: ImageFile, side: int | None) -> Image.Image:
    if side is not None:
        # A JPEG is decoded at a half or a quarter of its size where that suffices.
        image.draft("RGB", (side, side))
    image.load()
    upright = _eight_bits(image)
    ImageOps.exif_transpose(upright, in_place=True)
    whole = _on_white(upright)
    return whole if side is None else _small(whole, side)


def _known_formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey pictures of 16 or 32 bits and of floats, brought to 8: Pillow's own conversion cuts them off at 255."""
    if not image.mode.startswith(("I", "F")):
        return image
    highest = max((float(_greys(image, box).max(initial=0.0)) for box in _strips(image)), default=0.0)
    white = 65_535 if image.mode.startswith("I;16") else next((w for w in _WHITES if w >= highest), highest)
    grey = Image.new("L", image.size)
    for box in _strips(image):
        strip = (np.clip(_greys(image, box) / white, 0, 1) * 255).round().astype(np.uint8)
        grey.paste(Image.fromarray(strip), box)
    grey.info = {name: value for name, value in image.info.items() if name != "transparency"}
    # Where it says how the camera was turned.
    grey.getexif().update(image.getexif())
    return grey


def _greys(image: Image.Image, box: Box) -> Floats:
    """(h, w) the values of a strip; what is no number is black."""
    return np.nan_to_num(np.asarray(image.crop(box), dtype=np.float64), posinf=0.0, neginf=0.0)


def _strips(image: Image.Image) -> Iterator[Box]:
    for top in range(0, image.height, _STRIP):
        yield 0, top, image.width, min(top + _STRIP, image.height)


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white, as on a shop's page."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    whole = Image.new("RGB", image.size)
    for box in _strips(image):
        layer = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        whole.paste(Image.alpha_composite(white, layer).convert("RGB"), box)
    return whole


def _small(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image
