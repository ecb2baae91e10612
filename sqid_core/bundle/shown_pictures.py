"""Which picture of a product is shown: the bundle's own file where its status table names one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..types import Bools
from .addresses import is_web_address
from .parquet_files import read_frame

STATUS_TABLE = "images.parquet"
# A column that older tables lack.
FAULTS = "faults"
DONE = "done"
DUPLICATE = "duplicate"
POOR = "poor picture"
# Shown, but not told apart from others by `encode`.
_SHOWN_ALONE = (DUPLICATE, POOR)
# A browser may still show these from their address; the others are known to lead to no picture of the product.
_BY_ADDRESS = ("unreachable", "refused", "too large", "missing")


def read_status_table(path: Path) -> pd.DataFrame:
    """product_id, status, file, sha256 of each product's picture. Raises BundleError."""
    columns = dict.fromkeys(("product_id", "status", "file", "sha256"), pa.large_string())
    return read_frame(path, columns, others=False, advice="run python -m precompute images again")[0]


def read_faults(path: Path) -> dict[str, str] | None:
    """What is poor in each product's picture, by product; None where nobody looked. Raises BundleError."""
    if FAULTS not in pq.read_schema(path).names:
        return None
    columns = {"product_id": pa.large_string(), FAULTS: pa.large_string()}
    table = read_frame(path, columns, others=False, advice="run python -m precompute images again")[0]
    poor = table[table[FAULTS].notna() & (table[FAULTS] != "")]
    return dict(zip(poor["product_id"], poor[FAULTS], strict=True))


def told_apart(folder: Path, products: pd.Series) -> Bools:
    """(N,) whose picture tells a product from the others, for the ids (N,): all but duplicates, and poor ones that
    count as missing."""
    table = read_status_table(folder / STATUS_TABLE)
    doubles = table["product_id"][table["status"].isin(_SHOWN_ALONE)]
    return ~products.isin(doubles).to_numpy(dtype=bool)


def shown_pictures(products: pd.DataFrame, statuses: pd.DataFrame) -> pd.Series:
    """(N,) for the frame `products` with product_id and image: the stored file's name in images/, the address where
    the picture could not be stored but may be seen, None where there is none, and for a shop's default picture. A
    picture that another product has too is shown, though `encode` may leave it out."""
    rows = statuses.drop_duplicates("product_id").set_index("product_id").reindex(products["product_id"])
    shown = map(_shown, rows["status"], rows["file"], products["image"])
    return pd.Series(list(shown), index=products.index, dtype=products["image"].dtype, name="image")


def _shown(status: Any, file: Any, image: Any) -> str | None:
    own = image if isinstance(image, str) else None
    if status == DONE or (status in _SHOWN_ALONE and isinstance(file, str)):
        return str(file)
    if not isinstance(status, str):  # a product that the table does not list
        return own
    return own if own is not None and is_web_address(own) and status in _BY_ADDRESS else None
