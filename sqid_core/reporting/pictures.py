"""Pictures of a report: small copies inside the file, as it opens without any other."""

from __future__ import annotations

import base64
import io

from ..bundle.load import Dataset
from ..bundle.manifest import safe_path
from ..bundle.picture_files import PictureError, opened_picture
from ..bundle.plain_files import regular_bytes
from ..errors import BundleError

SIDE = 96
_LARGEST = 50_000_000


def picture_of(dataset: Dataset, row: int) -> str:
    """The picture of a product as a `data:` address; "" where the bundle has no file of it, or it cannot be opened. An
    address elsewhere is never asked."""
    name = dataset.products["image"].iloc[row] if "image" in dataset.products else None
    if not isinstance(name, str) or "://" in name:
        return ""
    try:
        path = safe_path(dataset.folder, f"images/{name}").resolve()
        if not path.is_relative_to(dataset.folder.resolve()):
            return ""
        picture = opened_picture(regular_bytes(path, _LARGEST), SIDE)
    except (BundleError, PictureError, OSError):
        return ""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "WEBP", quality=70)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
