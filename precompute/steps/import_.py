"""A bundle from files in the format of ESCI (examples, products) and, where given, SQID (pictures, features)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from precompute.read import esci
from precompute.read.features import SQID_CLIP, Features, read_features
from precompute.read.raw_files import not_read
from precompute.steps.update import bring_up_to_date, existing
from precompute.update.carry import carry_over
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.manifest import MANIFEST, read_manifest
from sqid_core.bundle.tables import in_tie_order
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError, NewerBundleError
from sqid_core.wording import counted, numbered

_TEXT, _IMAGE = "clip_text_features", "clip_image_features"
_MADE_HERE = (SQID_CLIP.name, "clip_text", "clip_image")
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


@dataclass(frozen=True)
class EsciFiles:
    """The files, Parquet or CSV. image_urls: product_id, image_url. categories: product_id, category, price, rating.
    sources: query_id, source. The features are SQID's: both or neither."""

    examples: Path
    products: Path
    image_urls: Path | None = None
    categories: Path | None = None
    sources: Path | None = None
    query_features: Path | None = None
    product_features: Path | None = None


@dataclass(frozen=True)
class Imported:
    """How many there are in the bundle; has_vectors: whether it has signals."""

    queries: int
    judgements: int
    products: int
    has_vectors: bool


def import_esci(
    files: EsciFiles,
    out: Path,
    wanted: esci.Slice = esci.SMALL_TEST,
    keep_unjudged: bool = False,
    expected: Mapping[str, int] | None = None,
    name: str | None = None,
    progress: Progress = quiet,
) -> Imported:
    """Reads and checks everything first, then writes: on an error nothing is left behind.

    wanted: the slice of ESCI whose judged pairs are taken. keep_unjudged: also products of the locale that nobody
    judged. expected: the numbers of queries, judgements and products that are asked for, None where any will do. name:
    the bundle's, made from the slice if None. Raises InputError.
    """
    if (files.query_features is None) != (files.product_features is None):
        raise InputError("--query-features and --product-features belong together; give both or neither")
    check_folder(out)
    pairs = esci.examples(files.examples, wanted)
    _check_labels(files.examples, pairs["label"])
    queries = esci.queries(pairs, files.sources)
    products = _products(files, wanted.locale, pairs["product_id"], keep_unjudged)
    found = {"queries": len(queries), "judgements": len(pairs), "products": len(products)}
    _check_counts(expected, found)
    features = _features(files, queries, products, progress)
    _tell_unread(files, progress)
    name = name or f"{'sqid' if features else 'esci'}-{wanted.version}-{wanted.split}-{wanted.locale}"
    before = existing(out, progress)
    with BundleWriter(out) as writer:
        about = _ABOUT_SQID if features else _ABOUT
        writer.write_tables(name, products, queries, pairs[["query_id", "product_id", "label"]], ESCI, about)
        if before is not None:
            carry_over(writer, before, progress, but=_MADE_HERE if features else ())
        if features:
            _write_features(writer, *features)
    tell(progress, "writing", f"{out}: " + ", ".join(numbered(count, what) for what, count in found.items()))
    if before is not None:
        bring_up_to_date(out, progress)
    return Imported(**found, has_vectors=features is not None)


def _tell_unread(files: EsciFiles, progress: Progress) -> None:
    known = {
        files.examples: esci.EXAMPLE_COLUMNS,
        files.products: esci.PRODUCT_COLUMNS,
        files.sources: esci.SOURCE_COLUMNS,
        files.categories: esci.CATEGORY_COLUMNS,
    }
    for path, columns in known.items():
        for note in not_read(path, columns) if path is not None else ():
            tell(progress, "reading", note)


def _check_labels(path: Path, labels: pd.Series) -> None:
    try:
        for label in labels.unique():
            ESCI.code(str(label))
    except InputError as error:
        raise InputError(f"{path}: {error}; mend the file, or take `own` for grades of another scale") from None


def _check_counts(wanted: Mapping[str, int] | None, found: Mapping[str, int]) -> None:
    if wanted is None:
        return
    wrong = [
        f"{numbered(count, what)}, expected {wanted[what]:,}" for what, count in found.items() if count != wanted[what]
    ]
    if wrong:
        raise InputError(f"the files hold {' and '.join(wrong)}; fetch them again, or take --partial for a slice")


def _products(files: EsciFiles, locale: str, judged: pd.Series, keep_unjudged: bool) -> pd.DataFrame:
    frame = esci.products(files.products, locale, judged, keep_unjudged)
    if files.image_urls:
        frame = esci.with_pictures(frame, files.image_urls)
    return esci.with_categories(frame, files.categories) if files.categories else frame


def _features(
    files: EsciFiles, queries: pd.DataFrame, products: pd.DataFrame, progress: Progress
) -> tuple[Features, Features, Features] | None:
    """Of the queries, of the products' texts and of their pictures; None without the files."""
    if files.query_features is None or files.product_features is None:
        return None
    query_ids, product_ids = queries["query_id"].tolist(), in_tie_order(products["product_id"].tolist())
    read = partial(read_features, dim=SQID_CLIP.dim, progress=progress)
    of_queries = read(files.query_features, "query_id", (_TEXT,), query_ids)[_TEXT]
    if not of_queries.present.all():
        lacking = query_ids[int(np.argmin(of_queries.present))]
        count = int((~of_queries.present).sum())
        raise InputError(
            f"{files.query_features} has no vector for {count:,} of the queries, the first being {lacking}; "
            "every query needs one"
        )
    of_products = read(files.product_features, "product_id", (_TEXT, _IMAGE), product_ids)
    for column, features in of_products.items():
        count = int(features.present.sum())
        tell(
            progress,
            "reading",
            f"{column}: {count:,} of {counted(len(product_ids), 'product has', 'products have')} a vector",
        )
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
