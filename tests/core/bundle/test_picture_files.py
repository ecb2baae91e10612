"""Pictures as strangers send them: the right picture or a PictureError, never anything else."""

from __future__ import annotations

import io
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from precompute.work.bundle_pictures import read_picture
from sqid_core.bundle.picture_files import FORMATS, PictureError, TooLargeError, TooSmallError, opened_picture
from sqid_core.errors import InputError

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    body = io.BytesIO()
    image.save(body, kind, **options)
    return body.getvalue()


def halves(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    return picture.convert(mode)


def colours(picture: Image.Image, left: tuple[int, int] = (5, 15), right: tuple[int, int] = (35, 15)) -> tuple:
    return tuple(np.argmax(picture.getpixel(at)) for at in (left, right))


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "MPO"])
def test_every_format_opens(kind: str) -> None:
    picture = opened_picture(written(halves(), kind), 512)
    assert (picture.mode, picture.size) == ("RGB", (40, 30))
    assert colours(picture) == (0, 2)


def test_print_colours_and_palettes_keep_their_colours() -> None:
    assert colours(opened_picture(written(halves("CMYK"), "JPEG", quality=95), 512)) == (0, 2)
    assert colours(opened_picture(written(halves("CMYK"), "TIFF"), 512)) == (0, 2)
    assert colours(opened_picture(written(halves("P"), "PNG"), 512)) == (0, 2)


@pytest.mark.parametrize(
    ("kind", "dtype", "white"),
    [("PNG", np.uint16, 65_535), ("TIFF", np.uint16, 65_535), ("TIFF", np.int32, 65_535), ("TIFF", np.float32, 1.0)],
)
def test_more_than_eight_bits_keep_their_greys(kind: str, dtype: type, white: float) -> None:
    ramp = (np.linspace(0, 1, 256)[None].repeat(8, axis=0) * white).astype(dtype)
    picture = np.asarray(opened_picture(written(Image.fromarray(ramp), kind), 512))
    np.testing.assert_allclose(picture[4, :, 0], np.arange(256), atol=1)


def test_the_first_frame_of_an_animation() -> None:
    frames = [halves(), Image.new("RGB", (40, 30), "lime")]
    for kind in ("GIF", "WEBP", "PNG"):
        body = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert colours(opened_picture(body, 512)) == (0, 2)


def test_the_camera_was_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = opened_picture(written(halves(), "JPEG", exif=exif, quality=95), 512)
    assert picture.size == (30, 40)
    assert colours(picture, (15, 5), (15, 35)) == (0, 2)


def test_transparency_is_white_and_large_pictures_become_small() -> None:
    clear = Image.new("RGBA", (3000, 1000), (255, 0, 0, 0))
    picture = opened_picture(written(clear, "PNG"), 512)
    assert picture.size == (512, 171)
    assert np.asarray(picture).min() == 255


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = bytearray(written(halves(), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2  # the header promises 3.6 billion pixels
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    with pytest.raises(TooLargeError):
        opened_picture(bytes(bomb), 512)
    with pytest.raises(TooLargeError, match="101 x 100"):
        opened_picture(written(Image.new("L", (101, 100)), "PNG"), 512, most_pixels=10_000)
    with pytest.raises(TooSmallError):
        opened_picture(written(Image.new("L", (7, 100)), "PNG"), 512, least_side=8)


@pytest.mark.parametrize("body", [b"", b"\x00", b"GIF89a", SVG, b"%!PS-Adobe-3.0 EPSF-3.0\n", b"not a picture" * 99])
def test_what_is_no_picture_is_refused(body: bytes) -> None:
    with pytest.raises(PictureError):
        opened_picture(body, 512)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_files_are_refused_and_raise_nothing_else() -> None:
    rng = random.Random(0)
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"):
        whole = written(halves(), kind)
        for _ in range(60):
            body = bytearray(whole[: rng.randrange(4, len(whole))] if rng.random() < 0.3 else whole)
            for _ in range(rng.randrange(1, 9)):
                body[rng.randrange(len(body))] = rng.randrange(256)
            try:
                opened_picture(bytes(body), 512, most_pixels=1_000_000)
            except PictureError:
                continue


def test_a_bundles_pictures_are_opened_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(written(halves(size=(1400, 30)), "JPEG", quality=95))
    with Image.open(path) as decoded:
        assert read_picture(path).tobytes() == decoded.tobytes()
    path.write_bytes(written(Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "PNG"))
    assert read_picture(path).getpixel((4, 4)) == (255, 255, 255)
    path.write_bytes(written(halves(), "EPS"))
    with pytest.raises(InputError, match=r"is not a readable picture .*replace it"):
        read_picture(path)
