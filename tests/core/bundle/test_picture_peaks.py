"""What decoding a picture costs in memory, whatever its format: each in a process of its own."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sqid_core.bundle.picture_files import MOST_PIXELS, PictureError, TooLargeError, opened_picture

MEGABYTES = 300
# Rises above what the process needs without a picture: 5 lets Linux count the peak anew.
PROGRAM = """
import sys
from pathlib import Path
from sqid_core.bundle.picture_files import PictureError, opened_picture
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
for path in sys.argv[1:]:
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    try:
        told = opened_picture(Path(path).read_bytes(), None if "png" in path else 512).mode
    except PictureError as error:
        told = type(error).__name__
    print(peak() - before, told)
"""


def flat(mode: str, pixels: int) -> Image.Image:
    side = int(pixels**0.5) // 16 * 16
    return Image.new(mode, (side, side), {"F": 0.5, "I": 5, "I;16": 30_000}.get(mode, "red"))


def written(path: Path, mode: str, kind: str, pixels: int, **options: Any) -> Path:
    picture = flat("RGB" if mode == "RGBA" else mode, pixels)
    if mode == "RGBA":
        picture.putalpha(128)
    picture.save(path, kind, **options)
    return path


PACKED = {"compression": "tiff_adobe_deflate"}
# Mode, format, millions of pixels: the largest that are opened, and what once cost 1.5 GB.
FORMATS: dict[str, tuple[str, str, float, dict[str, Any]]] = {
    "jpeg": ("RGB", "JPEG", 16, {"progressive": True, "subsampling": 0}),
    "png": ("RGBA", "PNG", 16, {"compress_level": 1}),
    "16-bit png": ("I;16", "PNG", 16, {"compress_level": 1}),
    "gif": ("RGB", "GIF", 16, {}),
    "bmp": ("RGB", "BMP", 13, {}),
    "webp": ("RGBA", "WEBP", 12.6, {"method": 0}),
    "avif": ("RGBA", "AVIF", 12.6, {"speed": 10}),
    "float tiff": ("F", "TIFF", 16, PACKED),
    "whole-number tiff": ("I", "TIFF", 16, PACKED),
    "print tiff": ("CMYK", "TIFF", 16, PACKED),
    "bomb webp": ("RGB", "WEBP", 49, {"method": 0, "quality": 0}),
    "bomb png": ("I;16", "PNG", 49, {"compress_level": 1}),
    "bomb tiff": ("F", "TIFF", 49, PACKED),
}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read from Linux's /proc")
def test_no_format_takes_more_than_it_may(tmp_path: Path) -> None:
    paths = []
    for case, (mode, kind, millions, options) in FORMATS.items():
        paths.append(written(tmp_path / case, mode, kind, int(millions * 1e6), **options))
    found = subprocess.run([sys.executable, "-c", PROGRAM, *paths], capture_output=True, text=True, check=True)
    for case, line in zip(FORMATS, found.stdout.splitlines(), strict=True):
        rise, told = line.split()
        assert (case, told) == (case, "TooLargeError" if case.startswith("bomb") else "RGB")
        assert float(rise) < (20 if case.startswith("bomb") else MEGABYTES), case


def test_a_tile_larger_than_its_picture_is_refused() -> None:
    """libtiff would allocate it whole: 3.6 GB for a file of some bytes."""
    tile = zlib.compress(b"x" * 100)
    tags = {256: 64, 257: 64, 258: 8, 259: 8, 262: 1, 277: 1, 322: 60_000, 323: 60_000, 324: 8, 325: len(tile)}
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags.items())
    where = 8 + len(tile)
    body = struct.pack("<2sHL", b"II", 42, where) + tile + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0"
    with pytest.raises(PictureError, match="a tile of 60000 pixels"):
        opened_picture(body)


def test_no_limit_of_a_caller_goes_beyond_the_programs_own() -> None:
    bomb = _body(flat("L", MOST_PIXELS + 200_000))
    with pytest.raises(TooLargeError, match="at most 16 million"):
        opened_picture(bomb, 512, most_pixels=10**9)


def _body(picture: Image.Image) -> bytes:
    body = BytesIO()
    picture.save(body, "PNG", compress_level=1)
    return body.getvalue()


def test_strips_make_the_same_picture_as_the_whole() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (700, 40, 4), dtype=np.uint8)
    clear = Image.fromarray(values, "RGBA")
    whole = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    assert opened_picture(_body(clear)).tobytes() == whole.tobytes()
