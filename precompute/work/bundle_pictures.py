"""A bundle's own pictures: where they lie, and reading them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL.Image import Image

from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import safe_path
from sqid_core.bundle.picture_files import PictureError, opened_picture
from sqid_core.bundle.plain_files import regular_bytes
from sqid_core.bundle.shown_pictures import STATUS_TABLE, told_apart
from sqid_core.errors import InputError
from sqid_core.wording import numbered

FOLDER = "images"
_LONGEST = 100_000_000


def picture_files(dataset: Dataset) -> list[Path | None]:
    """The file of each product's picture (N,): of that which is shown; None where it has none in the bundle, or one
    that counts for another product.

    Raises InputError where pictures are addresses that nobody has tried to store yet.
    """
    images = [image if isinstance(image, str) and image else None for image in dataset.products["image"]]
    remote = sum(image is not None and is_address(image) for image in images)
    if remote and STATUS_TABLE not in dataset.manifest.files:
        raise InputError(
            f"{numbered(remote, 'pictures')} of {dataset.folder} by web address, not as files; "
            f"run python -m precompute images {dataset.folder} first, then encode"
        )
    if STATUS_TABLE in dataset.manifest.files:
        own = told_apart(dataset.folder, dataset.products["product_id"])
        images = [image if mine else None for image, mine in zip(images, own, strict=True)]
    folder = dataset.folder / FOLDER
    return [safe_path(folder, image) if image and not is_address(image) else None for image in images]


def read_picture(path: Path) -> Image:
    """A picture as `opened_picture` makes it, in its own size. Raises InputError where it is missing or no picture."""
    try:
        return opened_picture(regular_bytes(path, _LONGEST))
    except FileNotFoundError:
        raise InputError(f"the picture {path} is missing; restore it or import the bundle again") from None
    except (OSError, PictureError) as error:
        raise InputError(f"{path} is not a readable picture ({error}); replace it") from None


def read_pictures(paths: Sequence[Path]) -> list[Image]:
    """Several pictures, decoded on as many threads as there are cores: Pillow works outside the interpreter's lock."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        return list(pool.map(read_picture, paths))
