"""Make a bundle from files in the format of ESCI (examples, products) and, where given, SQID (pictures, features).

Takes the judged pairs of one slice of ESCI, and their products. With SQID's feature files the bundle gets the signals
clip_text and clip_image; without, the verb `encode` makes signals."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from precompute.read import esci
from precompute.read.features import SQID_CLIP, Features, read_features
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.manifest import MANIFEST, read_manifest
from sqid_core.bundle.tables import tie_keys
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError, NewerBundleError

EXAMPLE = (
    "python -m precompute import --examples shopping_queries_dataset_examples.parquet "
    "--products shopping_queries_dataset_products.parquet --out data/esci"
)
_TEXT, _IMAGE = "clip_text_features", "clip_image_features"
_ABOUT = {
    "title": "Shopping queries (ESCI)",
    "description": "Real shopping queries with judged products.",
    "licence": "Apache-2.0 (ESCI)",
    "source": "https://github.com/amazon-science/esci-data (arXiv 2206.06588)",
}
_ABOUT_SQID = {
    "title": "Shopping queries with pictures (SQID)",
    "description": "Real shopping queries with judged products, their pictures and CLIP vectors.",
    "licence": "Apache-2.0 (ESCI), MIT (SQID)",
    "source": "https://github.com/Crossing-Minds/shopping-queries-image-dataset (arXiv 2405.15190)",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    needed = parser.add_argument_group("needed")
    needed.add_argument("--examples", type=Path, required=True, metavar="F", help="ESCI's examples (Parquet or CSV)")
    needed.add_argument("--products", type=Path, required=True, metavar="F", help="ESCI's products")
    needed.add_argument("--out", type=Path, required=True, metavar="DIR", help="the bundle to make")
    parser.add_argument("--image-urls", type=Path, metavar="F", help="product_id, image_url")
    parser.add_argument("--categories", type=Path, metavar="F", help="product_id, category, price, rating")
    parser.add_argument("--sources", type=Path, metavar="F", help="ESCI's sources: query_id, source")
    parser.add_argument("--query-features", type=Path, metavar="F", help="SQID's query_features.parquet")
    parser.add_argument("--product-features", type=Path, metavar="F", help="SQID's product_features.parquet")
    parser.add_argument("--locale", default="us", help="us, es or jp (default us)")
    parser.add_argument("--split", default="test", help="test, train or all (default test)")
    parser.add_argument("--version", default="small", choices=("small", "large", "all"), help="default small")
    parser.add_argument("--all-products", action="store_true", help="keep products of the locale that nobody judged")
    parser.add_argument("--expect", metavar="Q,J,P", help="refuse other numbers of queries, judgements and products")
    parser.add_argument("--name", help="the bundle's name (default: made from the slice)")


def run(args: argparse.Namespace) -> int:
    """Reads and checks everything first, then writes: on an error nothing is left behind."""
    if (args.query_features is None) != (args.product_features is None):
        raise InputError("--query-features and --product-features belong together; give both or neither")
    check_folder(args.out)
    wanted = esci.Slice(args.version, args.split, args.locale)
    pairs = esci.examples(args.examples, wanted)
    _check_labels(args.examples, pairs["label"])
    queries = esci.queries(pairs, args.sources)
    products = _products(args, pairs["product_id"])
    _check_counts(args.expect, {"queries": len(queries), "judgements": len(pairs), "products": len(products)})
    features = _features(args, queries, products) if args.query_features else None
    name = args.name or f"{'esci' if features is None else 'sqid'}-{wanted.version}-{wanted.split}-{wanted.locale}"
    with BundleWriter(args.out) as writer:
        about = _ABOUT if features is None else _ABOUT_SQID
        writer.write_tables(name, products, queries, pairs[["query_id", "product_id", "label"]], ESCI, about)
        if features:
            _write_features(writer, *features)
    print(f"{args.out}: {len(queries):,} queries, {len(pairs):,} judgements, {len(products):,} products")
    print(_next_step(args.out, features))
    return 0


def _check_labels(path: Path, labels: pd.Series) -> None:
    try:
        for label in labels.unique():
            ESCI.code(str(label))
    except InputError as error:
        raise InputError(f"{path}: {error}; mend the file, or take `own` for grades of another scale") from None


def _check_counts(expected: str | None, found: dict[str, int]) -> None:
    """expected: the three numbers with commas between, None where any will do."""
    if expected is None:
        return
    try:
        wanted = dict(zip(found, map(int, expected.split(",")), strict=True))
    except ValueError:
        raise InputError(f"--expect must be three numbers with commas between, got {expected!r}") from None
    wrong = [f"{count:,} {what}, expected {wanted[what]:,}" for what, count in found.items() if count != wanted[what]]
    if wrong:
        raise InputError(f"the files hold {' and '.join(wrong)}; fetch them again, or take --partial for a slice")


def _products(args: argparse.Namespace, judged: pd.Series) -> pd.DataFrame:
    """The products in the bundle's own order, so that vectors can be read straight into their rows."""
    frame = esci.products(args.products, args.locale, judged, args.all_products)
    frame = frame.iloc[np.argsort(tie_keys(frame["product_id"]), kind="stable")].reset_index(drop=True)
    if args.image_urls:
        frame = esci.with_pictures(frame, args.image_urls)
    return esci.with_categories(frame, args.categories) if args.categories else frame


def _features(
    args: argparse.Namespace, queries: pd.DataFrame, products: pd.DataFrame
) -> tuple[Features, Features, Features]:
    query_ids, product_ids = queries["query_id"].tolist(), products["product_id"].tolist()
    of_queries = read_features(args.query_features, "query_id", (_TEXT,), query_ids, SQID_CLIP.dim)[_TEXT]
    if not of_queries.present.all():
        lacking = query_ids[int(np.argmin(of_queries.present))]
        count = int((~of_queries.present).sum())
        raise InputError(
            f"{args.query_features} has no vector for {count:,} of the queries, the first being {lacking}; "
            "every query needs one"
        )
    of_products = read_features(args.product_features, "product_id", (_TEXT, _IMAGE), product_ids, SQID_CLIP.dim)
    for column, features in of_products.items():
        print(f"{column}: {int(features.present.sum()):,} of {len(product_ids):,} products have a vector")
    return of_queries, of_products[_TEXT], of_products[_IMAGE]


def _write_features(writer: BundleWriter, of_queries: Features, text: Features, image: Features) -> None:
    writer.write_encoder(SQID_CLIP, of_queries.vectors)
    writer.write_signal("clip_text", "text", SQID_CLIP.name, text.vectors, text.present, ("title",))
    writer.write_signal("clip_image", "image", SQID_CLIP.name, image.vectors, image.present)


def check_folder(folder: Path) -> None:
    """Refuses to mix a bundle into a folder of other things. A lock is what an interrupted import leaves."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give --out a folder")
    if (folder / MANIFEST).exists():
        try:
            read_manifest(folder)
        except NewerBundleError:
            raise
        except BundleError as error:  # a damaged bundle, or what something else calls its manifest
            raise InputError(f"{error}; delete {folder} first, or choose another --out") from None
    if folder.is_dir() and any(folder.iterdir()) and not any((folder / f).exists() for f in (MANIFEST, ".lock")):
        raise InputError(f"{folder} holds other files and is no bundle; give --out a new folder")


def _next_step(folder: Path, features: object) -> str:
    if features is None:
        return (
            f"next: python -m precompute encode {folder} --signal sbert_text --modality text "
            "--family sentence-transformers --model all-MiniLM-L12-v2"
        )
    return f"next: python -m precompute index {folder}, then python -m precompute evaluate {folder}"
