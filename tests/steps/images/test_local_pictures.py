"""python -m precompute images on pictures that are here: from a folder or the bundle itself; how each is decoded."""

from __future__ import annotations

import io
import shutil

import numpy as np
import pytest
from image_runs import files, images, status_of, table
from pictured import make_bundle, picture
from PIL import Image

from precompute.images.store import normalised
from sqid_core.bundle.load import load_bundle

pytestmark = pytest.mark.usefixtures("quick")


# --- from a folder ---


def test_from_a_folder_by_path_name_address_or_id(tmp_path):
    folder = tmp_path / "pictures"
    names = ("by path/a.png", "named.jpg", "CLa|1,2.png", "0060538260.webp", "one/twice.png", "two/twice.png")
    for shade, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.open(io.BytesIO(picture(shade))).save(folder / name)
    (tmp_path / "secret.png").write_bytes(picture(99))
    given = {
        "path": "by path/a.png",
        "name": "elsewhere/named.jpg",
        "address": "https://h.example/I/CLa%7C1%2C2.png?x=1",
        "0060538260": None,
        "twice": None,
        "outside": "../secret.png",
        "absolute": str(tmp_path / "secret.png"),
        "remote": "https://h.example/not-there.png",
    }
    bundle = make_bundle(tmp_path / "bundle", given)
    assert images(bundle, "--from", str(folder)) == 0
    found = status_of(bundle)
    assert {name for name, status in found.items() if status == "done"} == {"path", "name", "address", "0060538260"}
    assert {found[name] for name in ("twice", "remote")} == {"missing"}
    assert {found[name] for name in ("outside", "absolute")} == {"refused"}
    assert load_bundle(bundle).products.set_index("product_id")["image"]["remote"] == given["remote"]
    before = files(bundle)
    assert images(bundle, "--from", str(folder)) == 0
    assert files(bundle) == before


def test_resumes_from_a_folder_and_takes_exchanged_files(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "P0.png").write_bytes(picture(1))
    bundle = make_bundle(tmp_path / "bundle", {"P0": None})
    assert images(bundle, "--from", str(folder)) == 0
    first = table(bundle)["file"]["P0"]
    (folder / "P0.png").write_bytes(picture(2))
    assert images(bundle, "--from", str(folder)) == 0
    assert table(bundle)["file"]["P0"] != first
    assert not (bundle / "images" / first).exists()


def test_pictures_of_the_bundle_itself_stay_as_they_are(tiny_bundle, tmp_path):
    bundle = shutil.copytree(tiny_bundle, tmp_path / "bundle")
    (bundle / "images" / "mug-red.webp").write_bytes(b"no picture")
    before = files(bundle / "images")
    shown = load_bundle(bundle).products.set_index("product_id")["image"]
    assert images(bundle) == 0
    assert files(bundle / "images") == before
    after = load_bundle(bundle).products.set_index("product_id")["image"]
    lost = set(shown.dropna().index) - set(after.dropna().index)
    assert status_of(bundle)[shown[shown == "mug-red.webp"].index[0]] == "not an image"
    assert set(table(bundle).loc[sorted(lost), "status"]) == {"not an image", "duplicate"} or len(lost) == 1
    assert load_bundle(bundle).signals  # an image table leaves the signals alone


# --- decoding ---


def test_orientation_transparency_and_pixel_limits():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left half of the file is the top of the picture
    upright = normalised(picture(1, (40, 30), "JPEG", exif=exif, quality=95), 10_000)
    assert isinstance(upright, Image.Image)
    assert upright.size == (30, 40)
    pixels = np.asarray(upright, dtype=int)
    assert pixels[:15].mean() > 240
    assert pixels[25:].mean() < 80
    clear = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(clear, "PNG")
    white = normalised(clear.getvalue(), 10_000)
    assert np.asarray(white).min() == 255
    assert getattr(normalised(picture(1, (101, 100)), 10_000), "status", None) == "too large"


def test_a_bomb_is_too_large_before_it_is_decoded():
    bomb = bytearray(picture(1))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2  # PNG's header promises 3.6 billion pixels
    import zlib

    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    assert getattr(normalised(bytes(bomb), 50_000_000), "status", None) == "too large"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(mode):
    written = io.BytesIO()
    Image.new(mode, (20, 16)).save(written, "TIFF" if mode == "CMYK" else "PNG")
    found = normalised(written.getvalue(), 10_000)
    assert isinstance(found, Image.Image)
    assert (found.mode, found.size) == ("RGB", (20, 16))
