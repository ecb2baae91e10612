"""Bundles whose products have pictures, and the pictures."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
from fixtures import QUERIES
from PIL import Image

from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.write import BundleWriter

# What Amazon shows where it has no picture.
DEFAULT_PATH = "/images/G/01/digital/video/web/Default_Background_Art_LTR._SX1080_FMjpg_.jpg"


def picture(shade: int, size: tuple[int, int] = (40, 30), kind: str = "PNG", **options: object) -> bytes:
    """A picture whose left half is brighter, so that orientation shows."""
    image = Image.new("RGB", size, (shade * 37 % 256, shade * 91 % 256, 90))
    image.paste((255, 255, 255), (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def make_bundle(folder: Path, images: dict[str, str | None]) -> Path:
    """A bundle whose products have these ids and pictures."""
    products = pd.DataFrame({"product_id": images.keys(), "title": "thing", "image": images.values()})
    queries = pd.DataFrame({"query_id": ["1"], "query": QUERIES[:1]})
    judgements = pd.DataFrame({"query_id": "1", "product_id": list(images)[:2], "label": ["E", "I"][: len(images)]})
    with BundleWriter(folder) as writer:
        writer.write_tables("pictured", products, queries, judgements, ESCI)
    return folder
