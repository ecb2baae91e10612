"""A category for each product: from a file, or estimated with the bundle's own encoder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.read.category_files import read_categories
from precompute.work.progress import Progress, quiet, tell
from precompute.work.zero_shot import estimated_departments
from sqid_core.bundle.departments import departments, judged_categories
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.wording import counted

_SHOWN = 5


@dataclass(frozen=True)
class Categorised:
    """How many products have a category now, how many of those are estimates, and how many have none. written: False
    where the bundle had these very categories."""

    categorised: int
    estimated: int
    without: int
    written: bool


def categorise(
    bundle: Path,
    file: Path | None = None,
    columns: tuple[str, str] | None = None,
    estimate_rest: bool = False,
    progress: Progress = quiet,
) -> Categorised:
    """Reads or estimates everything first, then writes one table. The same again changes nothing.

    file: JSON lines or a table; products that it lacks keep the category they have. columns: its fields with the
    product id and the category, looked for if None. estimate_rest: estimate what the file lacks; without a file
    everything that has no category is estimated. Raises InputError.
    """
    dataset = load_bundle(bundle)
    known = _known(dataset)
    if file is not None:
        known = _from_file(dataset, file, columns, known, progress)
    lacking = _is_none(known)
    final = known
    if (file is None or estimate_rest) and lacking.any():
        final = np.where(lacking, estimated_departments(dataset), known)
    estimated = lacking & ~_is_none(final)
    _report(dataset, final, estimated, progress)
    stored = _is_stored(dataset, final, estimated)
    if stored:
        tell(progress, "writing", f"{bundle} has these categories already; nothing to do")
    else:
        with BundleWriter(bundle) as writer:
            writer.write_categories(dataset.products["product_id"].tolist(), final.tolist(), estimated)
    without = int(_is_none(final).sum())
    return Categorised(len(final) - without, int(estimated.sum()), without, not stored)


def _known(dataset: Dataset) -> npt.NDArray[np.object_]:
    """(N,) the categories that are no estimates."""
    products = dataset.products
    categories = products["category"].astype(object).to_numpy()
    estimated = _stored_estimates(dataset)
    return np.array(
        [c if isinstance(c, str) and not e else None for c, e in zip(categories, estimated, strict=True)], dtype=object
    )


def _from_file(
    dataset: Dataset,
    file: Path,
    columns: tuple[str, str] | None,
    known: npt.NDArray[np.object_],
    progress: Progress,
) -> npt.NDArray[np.object_]:
    products = dataset.products
    locales = {
        str(product): locale if isinstance(locale, str) else None
        for product, locale in zip(products["product_id"], products["locale"], strict=True)
    }
    found = read_categories(file, locales, columns, progress)
    if not found:
        raise InputError(
            f"{file} has no category for any product of {dataset.folder}; expected the products' ids with a category "
            "each (see --help)"
        )
    tell(
        progress,
        "reading",
        f"{file}: {len(found):,} of {counted(len(products), 'product has', 'products have')} a category there",
    )
    return np.array([found.get(product, old) for product, old in zip(locales, known, strict=True)], dtype=object)


def _report(
    dataset: Dataset, final: npt.NDArray[np.object_], estimated: npt.NDArray[np.bool_], progress: Progress
) -> None:
    """How many there are, and what the queries are about."""
    without = int(_is_none(final).sum())
    tell(
        progress,
        "counting",
        f"{dataset.folder}: {counted(len(final) - without, 'product has', 'products have')} a category, "
        f"{int(estimated.sum()):,} of them "
        f"estimated; {counted(without, 'has', 'have')} none",
    )
    about = [name for name in judged_categories(departments(final), dataset.judgements) if name is not None]
    names, counts = np.unique(np.array(about, dtype=str), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_SHOWN]
    if len(most):
        shown = ", ".join(f"{names[i]} {counts[i]:,}" for i in most)
        tell(progress, "counting", f"queries by judged category: {shown}{_more(names)}")


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
