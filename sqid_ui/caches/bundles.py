"""Bundles that are open, what their tables hold, and the demo that is being built."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path

import pandas as pd

from sqid_core.bundle.departments import departments
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import Manifest, read_manifest
from sqid_core.errors import BundleError, SqidError
from sqid_core.types import Array
from sqid_core.wording import folded
from sqid_ui.caches.bundle_build import BundleBuild
from sqid_ui.caches.keys import Kept, Keyed, cached

_BRANDS = 300


# What a file was like: its size, its times, its place on the disk. Another content with the same of all is not made.
Stamp = tuple[int, ...]


def stamp(path: Path) -> Stamp:
    """See `Stamp`; () for what cannot be looked at."""
    try:
        about = path.stat()
    except (OSError, ValueError):
        return ()
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def dataset(folder: str, manifest: Manifest) -> Dataset:
    """The bundle in `folder`, loaded again where a file of it is another. Raises BundleError. A refusal is kept too: a
    damaged bundle of gigabytes is not read again at every click."""
    path = Path(folder)
    bundle = Keyed((folder, manifest.fingerprint, tuple(stamp(path / name) for name in manifest.files)), path)
    opened: list[Dataset] = []

    def refusal(_: list[int]) -> list[str]:
        try:
            opened.append(_opened(bundle))
        except SqidError as error:
            return [str(error)]
        return [""]

    refused = _refusals.of([bundle.key], refusal)[0]
    if refused:
        raise BundleError(refused)
    return opened[0] if opened else _opened(bundle)


_refusals: Kept[Hashable, str] = Kept("refusals", 256)


@cached(max_entries=4, spinner="Opening the bundle")
def _opened(bundle: Keyed[Path]) -> Dataset:
    return load_bundle(bundle.value)


@cached(max_entries=256)
def manifest_or_fault(folder: Path, _when: Stamp) -> Manifest | str:
    """The manifest of a folder, or the sentence that says why it cannot be read. _when: of the file, as key."""
    try:
        return read_manifest(folder)
    except SqidError as error:
        return str(error)


@cached(max_entries=1)
def _roots() -> set[str]:
    """A server has one data folder. Of no size, so it outlives whatever is let go for lack of room."""
    return set()


def note_bundles(root: str) -> None:
    """There are bundles in this data folder."""
    _roots().add(root)


def had_bundles(root: str) -> bool:
    """Whether there were bundles in this data folder since the app was started."""
    return root in _roots()


@cached(max_entries=4)
def bundle_build(out: str, source: str) -> BundleBuild:
    """The one run that fetches a bundle from the hub, or draws the demo, which every visitor of this process watches.
    source: as SQID_BUNDLE names it, "" for the demo."""
    return BundleBuild(Path(out), ("fetch", source) if source else ("demo",))


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
