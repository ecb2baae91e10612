"""Bundles that are open, what their tables hold, and the demo that is being built."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pandas as pd

from sqid_core.bundle.departments import departments
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import Manifest, read_manifest
from sqid_core.errors import SqidError
from sqid_core.ranking.filters import folded
from sqid_core.types import Array
from sqid_ui.caches.demo_build import DemoBuild
from sqid_ui.caches.keys import Keyed, cached

_BRANDS = 300


def dataset(folder: str, fingerprint: str) -> Dataset:
    """The bundle in `folder`, loaded again where its fingerprint changed. Raises BundleError; nothing is kept then."""
    return _opened(Keyed((folder, fingerprint), Path(folder)))


@cached(max_entries=4, spinner="Opening the bundle")
def _opened(bundle: Keyed[Path]) -> Dataset:
    return load_bundle(bundle.value)


@lru_cache(maxsize=256)
def manifest_or_fault(folder: Path, _when: int) -> Manifest | str:
    """The manifest of a folder, or the sentence that says why it cannot be read. _when: the file's time, as key."""
    try:
        return read_manifest(folder)
    except SqidError as error:
        return str(error)


@cached(max_entries=4)
def demo_build(out: str) -> DemoBuild:
    """The one build of the demo that every visitor of this process watches."""
    return DemoBuild(Path(out))


@cached(max_entries=4, any_order=True)
def product_index(shown: Dataset) -> pd.Index:
    """The products' ids in row order; `get_loc` gives the row of one."""
    return pd.Index(shown.products["product_id"])


def product_row(shown: Dataset, product_id: str) -> int:
    """The row of a product's id."""
    return int(product_index(shown).get_indexer(pd.Index([product_id]))[0])


@cached(max_entries=4, any_order=True)
def categories(shown: Dataset) -> tuple[str, ...]:
    """The departments of the products, by name."""
    return distinct(departments(_of(shown.products, "category")))


@cached(max_entries=4, any_order=True)
def brands(shown: Dataset) -> frozenset[str]:
    """Every brand, folded."""
    return frozenset(map(folded, _of(shown.products, "brand"))) - {""}


@cached(max_entries=4, any_order=True)
def common_brands(shown: Dataset) -> tuple[str, ...]:
    """The brands of most products, by name: all would be megabytes at every rerun."""
    if "brand" not in shown.products:
        return ()
    names = shown.products["brand"]
    return distinct(names[names != ""].value_counts().head(_BRANDS).index)


def _of(table: pd.DataFrame, column: str) -> Array | list[str]:
    return table[column].unique() if column in table else []


def distinct(names: Iterable[object]) -> tuple[str, ...]:
    """The names among some values, each once, by name."""
    return tuple(sorted({name for name in names if isinstance(name, str) and name}))
