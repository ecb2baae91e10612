"""A category for each product: from a file, or estimated with the bundle's own encoder.

--from takes ESCI-S's esci.json.zst (or any JSON lines, packed with zstd or gzip or not at all, with the fields asin or
product_id, and category: a list or a text with > between its levels), or a table (CSV or Parquet) of a product id and a
category. Products that the file lacks keep the category they have.

Without --from, and with --estimate-rest, products without a category get the nearest of a fixed list of shop
departments by the encoder of the bundle's pictures (zero-shot). The bundle marks them as estimated."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.read.category_files import read_categories
from precompute.work.zero_shot import estimated_departments
from sqid_core.bundle.departments import departments, judged_categories
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError

EXAMPLE = "python -m precompute categories data/sqid --from esci.json.zst --estimate-rest"
_SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--from", type=Path, metavar="F", dest="file", help="JSON lines, CSV or Parquet")
    parser.add_argument(
        "--id-column", metavar="NAME", help="the file's field with the product id (default: looked for)"
    )
    parser.add_argument("--category-column", metavar="NAME", help="the file's field with the category")
    parser.add_argument("--estimate-rest", action="store_true", help="with --from: estimate what the file lacks")


def run(args: argparse.Namespace) -> int:
    """Reads or estimates everything first, then writes one table. The same again changes nothing."""
    if (args.id_column is None) != (args.category_column is None):
        raise InputError("--id-column and --category-column belong together; give both or neither")
    dataset = load_bundle(args.bundle)
    known = _known(dataset)
    if args.file is not None:
        known = _from_file(dataset, args, known)
    lacking = _is_none(known)
    final = known
    if (args.file is None or args.estimate_rest) and lacking.any():
        final = np.where(lacking, estimated_departments(dataset), known)
    estimated = lacking & ~_is_none(final)
    _report(dataset, final, estimated)
    if _is_stored(dataset, final, estimated):
        print(f"{args.bundle} has these categories already; nothing to do")
        return 0
    with BundleWriter(args.bundle) as writer:
        writer.write_categories(dataset.products["product_id"].tolist(), final.tolist(), estimated)
    return 0


def _known(dataset: Dataset) -> npt.NDArray[np.object_]:
    """(N,) the categories that are no estimates."""
    products = dataset.products
    categories = products["category"].astype(object).to_numpy()
    estimated = _stored_estimates(dataset)
    return np.array(
        [c if isinstance(c, str) and not e else None for c, e in zip(categories, estimated, strict=True)], dtype=object
    )


def _from_file(dataset: Dataset, args: argparse.Namespace, known: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    products = dataset.products
    locales = {
        str(product): locale if isinstance(locale, str) else None
        for product, locale in zip(products["product_id"], products["locale"], strict=True)
    }
    names = (args.id_column, args.category_column) if args.id_column else None
    found = read_categories(args.file, locales, names)
    if not found:
        raise InputError(
            f"{args.file} has no category for any product of {args.bundle}; expected the products' ids with a category "
            "each (see --help)"
        )
    print(f"{args.file}: {len(found):,} of {len(products):,} products have a category there")
    return np.array([found.get(product, old) for product, old in zip(locales, known, strict=True)], dtype=object)


def _report(dataset: Dataset, final: npt.NDArray[np.object_], estimated: npt.NDArray[np.bool_]) -> None:
    """How many there are, and what the queries are about."""
    without = int(_is_none(final).sum())
    print(
        f"{dataset.folder}: {len(final) - without:,} products have a category, {int(estimated.sum()):,} of them "
        f"estimated; {without:,} have none"
    )
    about = [name for name in judged_categories(departments(final), dataset.judgements) if name is not None]
    names, counts = np.unique(np.array(about, dtype=str), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_SHOWN]
    if len(most):
        print("queries by judged category: " + ", ".join(f"{names[i]} {counts[i]:,}" for i in most) + _more(names))


def _more(names: npt.NDArray[np.str_]) -> str:
    return f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""


def _is_stored(dataset: Dataset, final: npt.NDArray[np.object_], estimated: npt.NDArray[np.bool_]) -> bool:
    stored = [category if isinstance(category, str) else None for category in dataset.products["category"]]
    return stored == final.tolist() and bool((estimated == _stored_estimates(dataset)).all())


def _stored_estimates(dataset: Dataset) -> npt.NDArray[np.bool_]:
    if "category_estimated" not in dataset.products:
        return np.zeros(len(dataset.products), dtype=bool)
    return dataset.products["category_estimated"].to_numpy(dtype=bool)


def _is_none(names: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.array([name is None for name in names], dtype=bool)
