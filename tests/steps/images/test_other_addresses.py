"""Where a shop has a picture, if not at the address that a data set names."""

from __future__ import annotations

import pytest
from bad_server import BadServer, Resource, Status
from image_runs import images, status_of
from pictured import make_bundle, picture

from precompute.images.sources import instead

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://m.media/images/W/WEBP_402378-T1/images/I/7.jpg", "https://m.media/images/I/7.jpg"),
        ("https://m.media/images/W/WEBP_402378-T1/I/7.jpg", "https://m.media/images/I/7.jpg"),
        ("https://m.media/images/I/7.jpg", None),
        ("7.jpg", None),
    ],
)
def test_another_address(address, other):
    assert instead(address) == other


def test_amazons_webp_folder_answers_without_itself(tmp_path):
    """ESCI-S names pictures below /images/W/WEBP_.../, which answer 400 as shipped; others are asked as they are."""
    pictures = {"/images/I/a.jpg": Resource(picture(1)), "/images/W/WEBP_1-T2/images/I/b.jpg": Resource(picture(2))}
    broken = {"/images/W/WEBP_1-T2/images/I/a.jpg": Resource(faults=[Status(400)] * 9)}
    with BadServer(pictures | broken) as server:
        folder = server.url("/images/W/WEBP_1-T2/images/I/")
        make_bundle(tmp_path / "bundle", {"a": f"{folder}a.jpg", "b": f"{folder}b.jpg", "c": f"{folder}c.jpg"})
        images(tmp_path / "bundle")
    assert status_of(tmp_path / "bundle") == {"a": "done", "b": "done", "c": "gone"}
