"""A bundle from a catalogue of one's own: products, queries and judgements, in any format that is read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from precompute.images.sources import PictureFolder
from precompute.read.esci import check_query_texts
from precompute.read.hub_files import with_hub_files
from precompute.read.own_pairs import AS_IT_STANDS, Judged, Wish, judged_pairs
from precompute.read.own_products import read_own, read_products
from precompute.read.own_tables import OwnFiles, own_tables
from precompute.read.plain_table import PlainTable
from precompute.read.raw_files import numbers, query_ids, trimmed
from precompute.steps.images import Stored, store_images
from precompute.steps.import_ import check_folder
from precompute.steps.update import bring_up_to_date, existing
from precompute.update.carry import carry_over
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.addresses import is_address, is_web_address
from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.own_scales import label_scale
from sqid_core.bundle.traffic import WEIGHT
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.wording import counted, numbered

_NO_QUERIES = pd.DataFrame({"query_id": [], "query": []}, dtype="object")
_NO_JUDGEMENTS = pd.DataFrame({"query_id": [], "product_id": [], "label": []}, dtype="object")


@dataclass(frozen=True)
class Made:
    """How many there are in the bundle. left_out: queries without a judgement. has_addresses: whether some pictures are
    web addresses. stored: what became of the pictures of a folder. said: query_id, product_id, label, judge, where
    judges are kept apart."""

    queries: int
    judgements: int
    products: int
    left_out: int
    has_addresses: bool
    stored: Stored | None
    said: pd.DataFrame | None = field(default=None, repr=False, compare=False)


def make_own(
    files: OwnFiles,
    out: Path,
    wish: Wish = AS_IT_STANDS,
    name: str = "own",
    about: Mapping[str, str] = MappingProxyType({}),
    progress: Progress = quiet,
) -> Made:
    """Reads and checks everything first, then writes: on an error nothing is left behind. Then stores the pictures.

    A bundle that is there already is brought up to date: what did not change keeps its vectors, pictures and
    categories; what did is encoded with the bundle's own encoders, where they can be had.

    wish: how judgements are read. about: title, description, licence and source, as far as they are known. Raises
    InputError.
    """
    check_folder(out)
    scale = _scale(wish)
    files = with_hub_files(files, out.parent / "downloads", progress)
    products, currency, queries, judged = _read(files, wish, progress)
    queries, left_out = _judged_queries(queries, judged)
    if left_out:
        tell(progress, "reading", f"{numbered(left_out, 'queries')} of {files.queries} without a judgement: left out")
    judgements, scale = (judged.pairs, judged.scale) if judged else (_NO_JUDGEMENTS, scale)
    before = existing(out, progress)
    said = {"title": name, **about, "currency": currency}
    with BundleWriter(out) as writer:
        try:
            writer.write_tables(name, products, queries, judgements, scale, said)
        except InputError as error:  # products and queries were checked above
            raise InputError(f"{files.judgements}: {error}") from None
        if before is not None:
            carry_over(writer, before, progress)
    counts = {"queries": len(queries), "judgements": len(judgements), "products": len(products)}
    tell(progress, "writing", f"{out}: " + ", ".join(numbered(count, what) for what, count in counts.items()))
    stored = store_images(out, files.pictures, progress=progress) if files.pictures else None
    if before is not None:
        bring_up_to_date(out, progress)
    has_addresses = bool(products["image"].dropna().map(is_address).any())
    return Made(
        **counts, left_out=left_out, has_addresses=has_addresses, stored=stored, said=judged.said if judged else None
    )


def _read(
    files: OwnFiles, wish: Wish, progress: Progress
) -> tuple[pd.DataFrame, str, pd.DataFrame | None, Judged | None]:
    """The products, the currency of their prices, the queries and what is judged. The files' tables end here: beside
    what was made of them they would take as much memory again."""
    tables = own_tables(files)
    pictures = (files.pictures, PictureFolder(files.pictures, "--pictures")) if files.pictures else None
    products, currency = _products(tables.products, pictures, progress)
    queries = _queries(tables.queries, progress) if tables.queries else None
    judged = None
    if tables.judgements:
        judged = judged_pairs(
            tables.judgements, queries, products["product_id"], replace(wish, labels=wish.labels or tables.labels)
        )
        for note in (*judged.notes, *_not_read(tables.judgements, wish)):
            tell(progress, "reading", note)
    return products, currency, queries, judged


def _scale(wish: Wish) -> LabelScale:
    return label_scale(wish.labels) if wish.labels is not None else ESCI


def _not_read(table: PlainTable, wish: Wish) -> list[str]:
    read = {"query_id", "query", "product_id", "label"} | ({"judge"} if wish.judging != "refuse" else set())
    others = [name for name in table.names if name not in read]
    return [f"{table.path}: the columns {', '.join(others)} are not read"] if others else []


def _judged_queries(queries: pd.DataFrame | None, judged: Judged | None) -> tuple[pd.DataFrame, int]:
    """The queries with a judgement, and how many have none; all where nothing is judged."""
    if judged is None:
        return (_NO_QUERIES if queries is None else queries), 0
    has = judged.queries["query_id"].isin(judged.pairs["query_id"].unique())
    return judged.queries[has].reset_index(drop=True), int((~has).sum())


def _products(
    table: PlainTable, pictures: tuple[Path, PictureFolder] | None, progress: Progress
) -> tuple[pd.DataFrame, str]:
    """The products, and the currency of their prices."""
    path, read = table.path, read_products(table)
    frame = read.frame
    _check_unique(frame["product_id"], path, "product")
    named: list[object] = [*frame["image"]] if "image" in frame else [None] * len(frame)
    texts = [image if isinstance(image, str) else None for image in named]
    images = _images(path, frame["product_id"].tolist(), texts, pictures)
    for note in (*read.notes, *_picture_notes(path, texts, images, pictures)):
        tell(progress, "reading", note)
    return frame.assign(image=pd.Series(images, dtype="object")), read.currency


def _picture_notes(
    path: Path,
    named: Sequence[str | None],
    images: Sequence[str | None],
    pictures: tuple[Path, PictureFolder] | None,
) -> Iterator[str]:
    """What of the pictures cannot be had, by name."""
    if pictures is None:
        return
    lost = [name for name, image in zip(named, images, strict=True) if name and image is None]
    if lost:
        more = " …" if lost[3:] else ""
        count = counted(len(lost), "picture is", "pictures are")
        yield f"{path}: {count} not in {pictures[0]}: {', '.join(lost[:3])}{more}"


def _check_unique(ids: pd.Series, path: Path, what: str) -> None:
    if ids.duplicated().any():
        raise InputError(f"{path} has the {ids.name} {ids[ids.duplicated()].iloc[0]} twice; keep one row a {what}")


def _images(
    path: Path, ids: Sequence[str], named: Sequence[str | None], pictures: tuple[Path, PictureFolder] | None
) -> list[str | None]:
    """An address, or the name of a file that is there, or None. Names are looked up in the folder, never joined to it.

    Raises InputError for an address that is not http or https, and for files without --pictures.
    """
    for product, image in zip(ids, named, strict=True):
        if image and is_address(image) and not is_web_address(image):
            raise InputError(
                f"the image of {product} in {path} is {image!r}; expected a http or https address, or a file"
            )
        if image and not is_address(image) and pictures is None:
            raise InputError(f"the image of {product} in {path} is the file {image!r}; say with --pictures where it is")
    return [
        image if image and is_address(image) else _file(product, image, pictures)
        for product, image in zip(ids, named, strict=True)
    ]


def _file(product: str, image: str | None, pictures: tuple[Path, PictureFolder] | None) -> str | None:
    """The picture's name below the folder; None where the folder has none for the product."""
    if pictures is None:
        return None
    folder, inside = pictures
    found = inside.find(product, image)
    return found.relative_to(folder).as_posix() if found else None


def _queries(table: PlainTable, progress: Progress) -> pd.DataFrame:
    path = table.path
    read = read_own(
        table, {"query_id": query_ids, "query": trimmed}, {"source": trimmed, "split": trimmed, WEIGHT: _weights}
    )
    for note in read.notes:
        tell(progress, "reading", note)
    _check_unique(read.frame["query_id"], path, "query")
    check_query_texts(read.frame, path)
    return read.frame


def _weights(column: Any, path: Path, name: str) -> pd.Series:
    """How often each query is asked; where a file has the column, every query needs one. Raises InputError."""
    weights = numbers(column, path, name)
    wrong = weights.isna() | (weights < 0)
    if wrong.any():
        said = column.to_pylist()[int(wrong.to_numpy().argmax())]
        raise InputError(f"{path} has the {name} {said!r}; every query needs a number of at least 0 there")
    if not weights.sum():
        raise InputError(f"{path} has no {name} above 0; leave the column out or give the queries' traffic")
    return weights
