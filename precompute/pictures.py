"""A bundle's own pictures: where they lie, and reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image, UnidentifiedImageError

from sqid_core.bundle import Dataset, safe_path
from sqid_core.errors import InputError

FOLDER, STATUS_TABLE = "images", "images.parquet"
_ADDRESSES = ("http://", "https://")


def picture_files(dataset: Dataset) -> list[Path | None]:
    """The picture of each product (N,), None where it has none. Raises InputError where pictures are only addresses."""
    folder = dataset.folder / FOLDER
    names = _names(dataset)
    remote = [name for name in names if name and name.lower().startswith(_ADDRESSES)]
    if remote:
        raise InputError(
            f"{len(remote):,} pictures of {dataset.folder} are web addresses, not files; "
            f"download them into {folder} first, then encode"
        )
    return [safe_path(folder, name) if name else None for name in names]


def _names(dataset: Dataset) -> list[str | None]:
    """The status table of downloaded pictures where there is one, else the products' own column."""
    column = dataset.products["image"]
    if STATUS_TABLE in dataset.manifest.files:
        table = pd.read_parquet(dataset.folder / STATUS_TABLE)
        stored = table[table["status"] == "done"].set_index("product_id")["file"]
        column = dataset.products["product_id"].map(stored)
    return [name if isinstance(name, str) and name else None for name in column]


def read_picture(path: Path) -> Image.Image:
    """A decoded RGB picture. Raises InputError where the file is missing or no picture."""
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except FileNotFoundError:
        raise InputError(f"the picture {path} is missing; restore it or import the bundle again") from None
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise InputError(f"{path} is not a readable picture ({error}); replace it") from None


def read_pictures(paths: Sequence[Path]) -> list[Image.Image]:
    """Several pictures, decoded on as many threads as there are cores: Pillow works outside the interpreter's lock."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        return list(pool.map(read_picture, paths))
