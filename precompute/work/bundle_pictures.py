"""A bundle's own pictures: where they lie, and reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL.Image import Image

from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import safe_path
from sqid_core.bundle.picture_files import PictureError, opened_picture
from sqid_core.bundle.shown_pictures import DONE, STATUS_TABLE, read_status_table
from sqid_core.errors import InputError

FOLDER = "images"


def picture_files(dataset: Dataset) -> list[Path | None]:
    """The picture of each product (N,), None where it has none. Raises InputError where pictures are only addresses."""
    names = _names(dataset)
    remote = [name for name in names if name and is_address(name)]
    if remote:
        raise InputError(
            f"{len(remote):,} pictures of {dataset.folder} are web addresses, not files; "
            f"run python -m precompute images {dataset.folder} first, then encode"
        )
    folder = dataset.folder / FOLDER
    return [safe_path(folder, name) if name else None for name in names]


def _names(dataset: Dataset) -> list[str | None]:
    """The status table of downloaded pictures where there is one, else the products' own column."""
    column = dataset.products["image"]
    if STATUS_TABLE in dataset.manifest.files:
        table = read_status_table(dataset.folder / STATUS_TABLE)
        stored = table[table["status"] == DONE].set_index("product_id")["file"]
        column = dataset.products["product_id"].map(stored)
    return [name if isinstance(name, str) and name else None for name in column]


def read_picture(path: Path) -> Image:
    """A picture as `opened_picture` makes it, in its own size. Raises InputError where it is missing or no picture."""
    try:
        return opened_picture(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"the picture {path} is missing; restore it or import the bundle again") from None
    except (OSError, PictureError) as error:
        raise InputError(f"{path} is not a readable picture ({error}); replace it") from None


def read_pictures(paths: Sequence[Path]) -> list[Image]:
    """Several pictures, decoded on as many threads as there are cores: Pillow works outside the interpreter's lock."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        return list(pool.map(read_picture, paths))
