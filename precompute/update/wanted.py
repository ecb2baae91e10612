"""What a bundle's products have to encode now: their texts, or their pictures' files, with a digest of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from precompute.work.bundle_pictures import picture_files
from sqid_core.bundle.content import WIDTH, digests, file_digest, joined_texts, text_digest, there
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.shown_pictures import DONE, STATUS_TABLE, read_status_table
from sqid_core.errors import InputError
from sqid_core.types import Digests, Modality, Positions


@dataclass(frozen=True, eq=False)
class Wanted:
    """items: (N,) what each product has to encode, None where it has nothing. content: (N, 16) a digest of each, zero
    where there is nothing."""

    items: Sequence[Any] = field(repr=False)
    content: Digests = field(repr=False)

    @property
    def rows(self) -> Positions:
        """(n,) the products that have something."""
        return np.flatnonzero(there(self.content))


def product_texts(dataset: Dataset, fields: Sequence[str], option: str = "--text-fields") -> list[str]:
    """(N,) the fields of each product, joined; "" where all are empty. Raises InputError, which names the option, for
    an unknown field, and where no product has a text."""
    path = dataset.folder / "products.parquet"
    known = pq.read_schema(path).names
    for name in fields:
        if name not in known:
            raise InputError(f"{path} has no column {name!r} for {option}; it has: {', '.join(known)}")
    texts = joined_texts([pq.read_table(path, columns=[name])[name] for name in fields])
    if not any(texts):
        raise InputError(f"no product of {dataset.folder} has a text in {', '.join(fields)}; choose other {option}")
    return texts


def wanted_texts(dataset: Dataset, fields: Sequence[str]) -> Wanted:
    """A product whose fields are all empty has no text. Raises InputError for an unknown field, and without a text."""
    texts = product_texts(dataset, fields)
    return Wanted([text or None for text in texts], digests(map(text_digest, texts)))


def wanted_pictures(dataset: Dataset, _: Sequence[str] = ()) -> Wanted:
    """The pictures that are shown and stored. Raises InputError where there is none, or nobody tried to store them."""
    files = picture_files(dataset)
    if not any(files):
        raise InputError(f"no product of {dataset.folder} has a picture; give image files when you make the bundle")
    hashes = _stored_hashes(dataset)
    content = digests(
        b"" if file is None else hashes.get(product) or file_digest(file) or _named(file)
        for product, file in zip(dataset.products["product_id"], files, strict=True)
    )
    return Wanted(files, content)


def _stored_hashes(dataset: Dataset) -> dict[str, bytes]:
    """The digest of each stored picture, by product, where the bundle says it."""
    if STATUS_TABLE not in dataset.manifest.files:
        return {}
    table = read_status_table(dataset.folder / STATUS_TABLE)
    stored = table[(table["status"] == DONE) & table["sha256"].notna()]
    return {
        product: bytes.fromhex(digest)[:WIDTH]
        for product, digest in zip(stored["product_id"], stored["sha256"], strict=True)
    }


def _named(file: Path) -> bytes:
    """For a file that is not there: something that is not nothing, so that it is missed where it is read."""
    return text_digest(file.name)


FIND: dict[Modality, Callable[[Dataset, Sequence[str]], Wanted]] = {"text": wanted_texts, "image": wanted_pictures}
