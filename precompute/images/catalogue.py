"""What a bundle's products need: where each picture is to come from, and which of them earlier runs have settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from precompute.images.journal import finished
from precompute.images.outcome import MISSING, REFUSED, TOO_LARGE, Limits, Outcome
from precompute.images.sources import PictureFolder
from precompute.images.status_table import known_from_table
from precompute.images.store import digest_of, keep_in_place
from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.manifest import safe_path
from sqid_core.bundle.shown_pictures import read_status_table
from sqid_core.errors import BundleError

_HERE, _FILE = "here:", "file:"


@dataclass(frozen=True)
class Catalogue:
    """ids, images: (N,) of the products, in their order, as products.parquet says. sources: (N,) where each picture is
    to come from, None where there is none. files: the path behind each source that is in the user's folder."""

    ids: Sequence[str] = field(repr=False)
    images: Sequence[str | None] = field(repr=False)
    sources: Sequence[str | None] = field(repr=False)
    files: Mapping[str, Path] = field(repr=False)

    def todo(self, known: Mapping[str, Outcome]) -> list[str]:
        """Each source that is not known yet, once: many products may share an address."""
        return [source for source in dict.fromkeys(self.sources) if source is not None and source not in known]


def read_catalogue(products: Path, folder: PictureFolder | None) -> Catalogue:
    """From products.parquet itself: a loaded bundle shows stored pictures in place of the addresses."""
    table = pq.read_table(products, columns=["product_id", "image"])
    ids = table["product_id"].to_pylist()
    images = [(image or "").strip() or None for image in table["image"].to_pylist()]
    files: dict[str, Path] = {}
    sources = [_source(product, image, folder, files) for product, image in zip(ids, images, strict=True)]
    return Catalogue(ids, images, sources, files)


def _source(product: str, image: str | None, folder: PictureFolder | None, files: dict[str, Path]) -> str | None:
    file = folder.find(product, image) if folder else None
    if file is not None:
        stat = file.stat()  # a file that was exchanged is another source
        source = f"{_FILE}{file}|{stat.st_size}|{stat.st_mtime_ns}"
        files[source] = file
        return source
    return image if image is None or is_address(image) else _HERE + image


def settled(
    catalogue: Catalogue, status_table: Path | None, journal: Path, images: Path, offline: bool
) -> dict[str, Outcome]:
    """What need not be done again, by source.

    status_table: of an earlier run that ended well. journal: of one that was interrupted; its pictures are read again,
    as a machine that lost power may have kept a name without the content. offline: addresses are not asked.
    """
    wanted = {source for source in catalogue.sources if source is not None}
    found: dict[str, Outcome] = {}
    if status_table is not None:
        by_product = dict(zip(catalogue.ids, catalogue.sources, strict=True))
        unread = {product: source for product, source in by_product.items() if source not in catalogue.files}
        found = known_from_table(read_status_table(status_table), unread, images)
    for source, outcome in finished(journal).items():
        if source in wanted and (not outcome.file or digest_of(images / outcome.file) == outcome.sha256):
            found[source] = outcome
    if offline:
        beyond = [s for s in wanted - found.keys() - catalogue.files.keys() if not s.startswith(_HERE)]
        found |= dict.fromkeys(beyond, Outcome(MISSING, reason="not in the folder"))
    return found


def local(source: str, files: Mapping[str, Path], images: Path, limits: Limits) -> bytes | Outcome | None:
    """The bytes of a picture in the user's folder, or what a picture of the bundle itself is; None for an address."""
    if source in files:
        path = files[source]
        size = path.stat().st_size
        return path.read_bytes() if size <= limits.bytes else Outcome(TOO_LARGE, reason=f"{size} bytes")
    if not source.startswith(_HERE):
        return None
    name = source.removeprefix(_HERE)
    try:
        return keep_in_place(safe_path(images, name), name, limits)
    except BundleError:
        return Outcome(REFUSED, reason="leads out of the bundle")
