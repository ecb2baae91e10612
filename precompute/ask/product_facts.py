"""What a model is told of a product, and the picture that it is shown: what a person sees, and no label or rank."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from PIL.Image import Image

from precompute.work.bundle_pictures import FOLDER
from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import safe_path
from sqid_core.bundle.picture_files import PictureError, opened_picture
from sqid_core.bundle.plain_files import regular_bytes

# A picture's side in pixels, and the most bytes of its file: what is asked for many times must stay small.
SIDE = 512
MOST_BYTES = 200_000
_QUALITIES = (85, 60, 35)
_SMALLER = 256
_LONGEST_FILE = 100_000_000
_ROWS = 4_096
_FIELDS = ("title", "brand", "color", "category", "price")
_LONGEST_FIELD, _LONGEST_DESCRIPTION = 1_000, 3_000


def descriptions(dataset: Dataset, rows: Collection[int]) -> dict[int, str]:
    """The long texts of products, which are left on disk: read once for all, since a row costs a whole group of them.
    None of what cannot be read."""
    wanted, found, first = set(rows), {}, 0
    try:
        with pq.ParquetFile(dataset.folder / "products.parquet") as table:
            for batch in table.iter_batches(_ROWS, columns=["description"]):
                for row in sorted(wanted.intersection(range(first, first + len(batch)))):
                    text = batch.column(0)[row - first].as_py()
                    if isinstance(text, str) and text.strip():
                        found[row] = _cut(text.strip(), _LONGEST_DESCRIPTION)
                first += len(batch)
    except (OSError, pa.ArrowException):
        return {}
    return found


def product_facts(dataset: Dataset, row: int, description: str = "") -> dict[str, Any]:
    """Title, brand, colour, category, price, the fields that labels depend on, and the description, as far as they are
    known, each of a bounded length. A category that was guessed is left out."""
    product = dataset.products.iloc[row]
    found = {name: product[name] for name in dict.fromkeys((*_FIELDS, *_label_fields(dataset))) if name in product}
    if bool(product.get("category_estimated", False)):
        found.pop("category", None)
    told = {name: _plain(value) for name, value in found.items() if not pd.isna(value) and value != ""}
    return {**told, "description": description} if description else told


def has_picture(dataset: Dataset, row: int) -> bool:
    """Whether the bundle names a stored picture of a product."""
    image = dataset.products["image"].iloc[row]
    return isinstance(image, str) and bool(image) and not is_address(image)


def picture_address(dataset: Dataset, row: int) -> str | None:
    """The stored picture that is shown of a product, as a data URL; None where the bundle holds none that can be
    read."""
    if not has_picture(dataset, row):
        return None
    image = dataset.products["image"].iloc[row]
    try:
        body = regular_bytes(safe_path(dataset.folder / FOLDER, image), _LONGEST_FILE)
        picture = opened_picture(body, SIDE)
    except (OSError, PictureError):
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(_small_jpeg(picture)).decode()}"


def _small_jpeg(picture: Image) -> bytes:
    """Of at most MOST_BYTES, where any quality reaches that."""
    body = b""
    for body in _jpegs(picture):
        if len(body) <= MOST_BYTES:
            break
    return body


def _jpegs(picture: Image) -> Iterator[bytes]:
    """From the best to the smallest."""
    for quality in _QUALITIES:
        yield _jpeg(picture, quality)
    smaller = picture.copy()
    smaller.thumbnail((_SMALLER, _SMALLER))
    yield _jpeg(smaller, _QUALITIES[-1])


def _jpeg(picture: Image, quality: int) -> bytes:
    written = BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()


def _label_fields(dataset: Dataset) -> list[str]:
    names = (name.strip() for name in dataset.manifest.about.get("label_fields", "").split(","))
    return [name for name in names if name in dataset.products and name not in ("product_id", "image")]


def _plain(value: Any) -> Any:
    """As JSON has it: numbers and short texts."""
    plain = value.item() if hasattr(value, "item") else value
    return plain if isinstance(plain, bool | int | float) else _cut(str(plain), _LONGEST_FIELD)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
