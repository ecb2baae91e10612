"""Make a bundle from a catalogue of your own: products, queries and judgements as CSV or Parquet.

products:    product_id, title; and, if you have them, brand, color, category, price, image, description, locale
queries:     query_id, query; and, if you have them, source, split
judgements:  query_id, product_id, label (a name of --labels, or its letter)

An image is a web address, or the name of a file in --pictures; a file that is named after the product's id is found
too. Ids are text: in Parquet files a product_id stored as a number is refused, since some ids start with 0."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from precompute.images.sources import PictureFolder, is_address
from precompute.read.esci import check_query_texts
from precompute.read.own_labels import label_scale
from precompute.read.raw_files import blank_to_null, numbers, read_table, text, words
from precompute.steps.import_ import check_folder
from precompute.steps.verbs import run_verb
from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError

EXAMPLE = (
    "python -m precompute own --products products.csv --queries queries.csv --judgements judgements.csv "
    '--labels "Exact=1,Partial=0.5,Irrelevant=0" --out data/own'
)
_PRODUCT_TEXTS = ("brand", "color", "category", "description", "locale")
_QUERY_TEXTS = ("source", "split")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    needed = parser.add_argument_group("needed")
    for name in ("products", "queries", "judgements"):
        needed.add_argument(f"--{name}", type=Path, required=True, metavar="F", help="CSV or Parquet")
    needed.add_argument("--out", type=Path, required=True, metavar="DIR", help="the bundle to make")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="the folder that holds the pictures' files")
    parser.add_argument(
        "--labels", metavar="TEXT", help='names and gains: "Exact=1,Partial=0.5,Irrelevant=0" (default: those of ESCI)'
    )
    parser.add_argument("--name", default="own", help="the bundle's name (default own)")
    for name in ("title", "description", "licence", "source"):
        parser.add_argument(f"--{name}", metavar="TEXT", help="shown on the About page")


def run(args: argparse.Namespace) -> int:
    """Reads and checks everything first, then writes: on an error nothing is left behind."""
    check_folder(args.out)
    scale = label_scale(args.labels) if args.labels is not None else ESCI
    pictures = (args.pictures, PictureFolder(args.pictures, "--pictures")) if args.pictures else None
    products, queries = _products(args.products, pictures), _queries(args.queries)
    judgements = _judgements(args.judgements, scale, args.labels is not None)
    queries = _judged_only(queries, judgements, args.queries)
    with BundleWriter(args.out) as writer:
        try:
            writer.write_tables(args.name, products, queries, judgements, scale, _about(args))
        except InputError as error:  # products and queries were checked above
            raise InputError(f"{args.judgements}: {error}") from None
    print(f"{args.out}: {len(queries):,} queries, {len(judgements):,} judgements, {len(products):,} products")
    if pictures:
        run_verb("images", [str(args.out), "--from", str(args.pictures)])
    print(_next_step(args.out, products["image"]))
    return 0


def _about(args: argparse.Namespace) -> dict[str, str]:
    said = {name: getattr(args, name) for name in ("title", "description", "licence", "source")}
    return {"title": args.name} | {name: value for name, value in said.items() if value}


def _products(path: Path, pictures: tuple[Path, PictureFolder] | None) -> pd.DataFrame:
    table = read_table(path, ("product_id", "title"), (*_PRODUCT_TEXTS, "price", "image"))
    ids = text(table["product_id"], path, "product_id").to_pandas()
    if ids.duplicated().any():
        raise InputError(f"{path} has the product_id {ids[ids.duplicated()].iloc[0]} twice; keep one row a product")
    frame = pd.DataFrame({"product_id": ids} | _texts(table, path, ("title", *_PRODUCT_TEXTS)))
    if "price" in table.column_names:
        frame["price"] = numbers(table["price"], path, "price").to_pandas()
    named = [None] * len(frame)
    if "image" in table.column_names:
        named = blank_to_null(table["image"], path, "image").to_pylist()
    images = _images(path, frame["product_id"].tolist(), named, pictures)
    return frame.assign(image=pd.Series(images, dtype="object"))


def _texts(table: pa.Table, path: Path, columns: Sequence[str]) -> dict[str, list[str | None]]:
    """Those of the columns that are there, as text without blanks around; empty text is null, "None" may be a brand."""
    found = {name: words(table[name], path, name) for name in columns if name in table.column_names}
    return {name: [(value or "").strip() or None for value in column.to_pylist()] for name, column in found.items()}


def _images(
    path: Path, ids: Sequence[str], named: Sequence[str | None], pictures: tuple[Path, PictureFolder] | None
) -> list[str | None]:
    """An address, or the name of a file that is there, or None. Names are looked up in the folder, never joined to it.

    Raises InputError for an address that is not http or https, and for files without --pictures.
    """
    for product, image in zip(ids, named, strict=True):
        if image and is_address(image) and not _names_a_web_host(image):
            raise InputError(
                f"the image of {product} in {path} is {image!r}; expected a http or https address, or a file"
            )
        if image and not is_address(image) and pictures is None:
            raise InputError(f"the image of {product} in {path} is the file {image!r}; say with --pictures where it is")
    return [
        image if image and is_address(image) else _file(product, image, pictures)
        for product, image in zip(ids, named, strict=True)
    ]


def _names_a_web_host(image: str) -> bool:
    try:
        parts = urlsplit(image)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


def _file(product: str, image: str | None, pictures: tuple[Path, PictureFolder] | None) -> str | None:
    """The picture's name below the folder; None where the folder has none for the product."""
    if pictures is None:
        return None
    folder, inside = pictures
    found = inside.find(product, image)
    return found.relative_to(folder).as_posix() if found else None


def _queries(path: Path) -> pd.DataFrame:
    table = read_table(path, ("query_id", "query"), _QUERY_TEXTS)
    ids = text(table["query_id"], path, "query_id", whole_numbers=True).to_pandas()
    if ids.duplicated().any():
        raise InputError(f"{path} has the query_id {ids[ids.duplicated()].iloc[0]} twice; keep one row a query")
    frame = pd.DataFrame({"query_id": ids} | _texts(table, path, ("query", *_QUERY_TEXTS)))
    check_query_texts(frame, path)
    return frame


def _judgements(path: Path, scale: LabelScale, chosen: bool) -> pd.DataFrame:
    """The pairs, each once. Raises InputError for a label outside the scale."""
    table = read_table(path, ("query_id", "product_id", "label"))
    frame = pd.DataFrame(
        {
            "query_id": text(table["query_id"], path, "query_id", whole_numbers=True).to_pandas(),
            "product_id": text(table["product_id"], path, "product_id").to_pandas(),
            "label": _label_texts(table["label"], path),
        }
    )
    for label in frame["label"].unique():
        try:
            scale.code(str(label))
        except InputError as error:
            advice = "mend --labels or the file" if chosen else "name your own with --labels"
            raise InputError(f"{path}: {error}; {advice}") from None
    return frame.drop_duplicates(ignore_index=True)


def _label_texts(column: Any, path: Path) -> list[str]:
    """Labels as text; numbers such as 2.0 as 2."""
    if pa.types.is_floating(column.type) and pc.all(pc.equal(pc.round(column), column)).as_py():
        column = column.cast(pa.int64())
    return [str(label or "") for label in words(column, path, "label").to_pylist()]


def _judged_only(queries: pd.DataFrame, judgements: pd.DataFrame, path: Path) -> pd.DataFrame:
    judged = queries["query_id"].isin(judgements["query_id"])
    if not judged.all():
        print(f"{int((~judged).sum()):,} queries of {path} have no judgement: left out")
    return queries[judged].reset_index(drop=True)


def _next_step(folder: Path, images: pd.Series) -> str:
    remote = images.dropna().map(is_address).any()
    download = f"python -m precompute images {folder}, then " if remote else ""
    return (
        f"next: {download}python -m precompute encode {folder} --signal clip_text --modality text --family open_clip "
        "--model ViT-B-32 --pretrained laion2b_s34b_b79k"
    )
