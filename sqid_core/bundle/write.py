"""Writing bundles so that an interruption at any moment leaves a whole bundle or none, never half a one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from filelock import FileLock

from ..encoders.spec import EncoderSpec
from ..errors import BundleError, InputError
from ..indexes.hnsw import INDEX, LABEL_ROWS, HnswIndex
from ..types import Array, Bools, Digests, Floats, Modality, Positions, Vectors
from .arrays import save_array
from .content import CONTENT
from .files_on_disk import as_json, flush, partial_of, remove_orphans, remove_partials, replace_text, unmake
from .judgements import Judgements
from .kept_audience import audience_of, forget_kept, take_manifest
from .labels import LabelScale
from .load import CATEGORIES
from .manifest import MANIFEST, Manifest, MapSpec, SignalSpec, read_manifest, safe_path, sha256
from .manifest_parts import INDEX_FILES, with_true_maps, with_what_fits, without_files
from .shown_pictures import STATUS_TABLE
from .tables import (
    PRODUCT_COLUMNS,
    QUERY_COLUMNS,
    Tables,
    conforming,
    pairs_in_order,
    tie_order,
    unique_ids,
    write_table,
)

_LOCK = ".lock"


class BundleWriter:
    """Changes a bundle, or makes one, under its lock: `with BundleWriter(folder) as writer: ...`

    Every file is written under a temporary name. Leaving the block renames them and replaces the manifest last, so a
    reader sees the old bundle or the new one. An exception, or an interruption, leaves the old one.

    >>> products = pd.DataFrame({"product_id": ["p1", "p2"], "title": ["Red mug", "Blue lamp"]})
    >>> queries = pd.DataFrame({"query_id": ["q1"], "query": ["mug"]})
    >>> pairs = pd.DataFrame({"query_id": ["q1", "q1"], "product_id": ["p1", "p2"], "label": ["E", "I"]})
    >>> with BundleWriter("data/mine") as writer:
    ...     writer.write_tables("mine", products, queries, pairs, ESCI)
    >>> load_bundle("data/mine")
    Dataset(mine: 2 products, 1 query, signals none)
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._new = False
        self._made: list[Path] = []
        self._staged: dict[str, str] = {}
        self._manifest: Manifest | None = None
        self._before: Manifest | None = None
        self.tables: Tables | None = None  # as they were given to `write_tables`
        self._lock = FileLock(self.folder / _LOCK)

    def __repr__(self) -> str:
        return f"BundleWriter({str(self.folder)!r})"

    def __enter__(self) -> BundleWriter:
        self._made = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        self._new = [path.name for path in self.folder.iterdir()] == [_LOCK]
        remove_partials(self.folder)
        if (self.folder / MANIFEST).exists():
            self._manifest = self._before = read_manifest(self.folder)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        done = False
        try:
            if kind is None:
                self._commit()
                done = True
        finally:
            if not done:
                remove_partials(self.folder)
            self._lock.release()
            if not done and self._new:
                unmake(self.folder, self._made)

    @property
    def manifest(self) -> Manifest:
        """The manifest as it will be committed. Raises BundleError before the tables are written."""
        if self._manifest is None:
            raise BundleError(f"{self.folder} has no tables yet; run python -m precompute import first")
        return self._manifest

    def write_tables(
        self,
        name: str,
        products: pd.DataFrame,
        queries: pd.DataFrame,
        judgements: pd.DataFrame,
        scale: LabelScale,
        about: Mapping[str, str] | None = None,
    ) -> None:
        """The three tables (columns: see `tables`), in any order. Products are stored by the hash of their id, queries
        and judgements by id, labels as letters. Signals stay where products and queries are unchanged; with other
        judgements, the scores of run files and what was measured on indexes are dropped, with other gains the latter.

        Raises InputError for a missing column, an id that is a number or occurs twice, or a judgement of the unknown.
        """
        product_table = conforming(products, PRODUCT_COLUMNS, "products")
        query_table = conforming(queries, QUERY_COLUMNS, "queries").sort_by("query_id")
        pairs = pairs_in_order(judgements, scale)
        query_ids = unique_ids(query_table, "query_id", "queries")
        product_ids = unique_ids(product_table, "product_id", "products")
        # Refuses what a reader of the bundle would refuse.
        Judgements.from_frame(pairs.to_pandas(), product_ids, query_ids, scale)

        before, order = self._manifest, tie_order(product_ids)
        self._write_table("products.parquet", product_table, order)
        self._write_table("queries.parquet", query_table)
        self._write_table("judgements.parquet", pairs)
        counts = {"products": len(product_table), "queries": len(query_table), "judgements": len(pairs)}
        new = Manifest(name, scale, counts, about or {}, visible_to=audience_of(self.folder))
        self._manifest = with_what_fits(new, before, self._staged)
        self.tables = Tables(product_table, query_table, pairs, order)

    def keep_files(self, names: Iterable[str]) -> None:
        """Files of the bundle as it was before, which the tables' change struck from the manifest."""
        kept = {name: self._before.files[name] for name in names if self._before and name in self._before.files}
        self._manifest = replace(self.manifest, files={**self.manifest.files, **kept})

    def order_signals(self, names: Sequence[str]) -> None:
        """Puts the signals in this order, any others behind them: the first of a modality is what is shown."""
        signals = self.manifest.signals
        there = {name: signals[name] for name in names if name in signals}
        self._manifest = replace(self.manifest, signals=there | dict(signals))

    def write_encoder(self, spec: EncoderSpec, queries: Vectors, model_files: Mapping[str, Path] | None = None) -> None:
        """An encoder with the vectors (Q, D) of the bundle's queries, stored once for all its signals, and, for a model
        that no hub has, its files by their names in the encoder's folder."""
        place = f"encoders/{spec.name}"
        self.write_array(f"{place}/queries.npy", queries, np.float32)
        self._write_json(f"{place}/encoder.json", spec.to_json())
        for name, source in sorted((model_files or {}).items()):
            self.write_file(f"{place}/{name}", source)
        self._manifest = replace(self.manifest, encoders={**self.manifest.encoders, spec.name: spec})

    def write_signal(
        self,
        name: str,
        modality: Modality,
        encoder: str,
        products: Vectors,
        present: Bools,
        text_fields: Sequence[str] = (),
        content: Digests | None = None,
    ) -> None:
        """A signal: unit rows (N, D), zero where not present (N,). Its encoder must be written before. The index of the
        very same vectors stays. content: (N, 16) what each vector was made of, where that is known."""
        if encoder not in self.manifest.encoders:
            raise BundleError(f"{self.folder} has no encoder {encoder!r}; write it before the signal {name}")
        spec, place = self.manifest.encoders[encoder], f"signals/{name}"
        before = self.manifest.signals.get(name)
        signal = SignalSpec(modality, encoder, tuple(text_fields))
        arrays = {"products.npy": (products, np.float32), "present.npy": (present, np.bool_)}
        known = {} if content is None else {CONTENT: (content, np.uint8)}
        self.write_signal_files(name, signal, {**arrays, **known}, {"encoder": spec.to_json()})
        if before and all(self.manifest.files.get(f"{place}/{f}") == self._staged[f"{place}/{f}"] for f in arrays):
            kept = replace(signal, index=before.index)
            self._manifest = replace(self.manifest, signals={**self.manifest.signals, name: kept})
        else:
            self.forget(f"{place}/{file}" for file in (CONTENT, *INDEX_FILES))

    def write_scores(self, name: str, modality: Modality, scores: Floats, origin: Mapping[str, str]) -> None:
        """A signal of scores (Q, C) in the layout of the judgements, nan where a product was not ranked and at padding.

        origin: where they come from, as text. The signal belongs to the judgements that the bundle holds: with others
        it is dropped.
        """
        about = {"judgements": self.digest("judgements.parquet"), "origin": dict(origin)}
        self.write_signal_files(name, SignalSpec(modality, ""), {"scores.npy": (scores, np.float64)}, about)

    def write_signal_files(
        self, name: str, spec: SignalSpec, arrays: Mapping[str, tuple[Array, Any]], about: Mapping[str, Any]
    ) -> None:
        """A signal of whatever kind: its arrays and their types by file name, and what it says of itself (signal.json).

        Raises InputError for an array of another type.
        """
        for file, (array, dtype) in arrays.items():
            self.write_array(f"signals/{name}/{file}", array, dtype)
        self._write_json(f"signals/{name}/signal.json", {"name": name, "modality": spec.modality, **about})
        self._manifest = replace(self.manifest, signals={**self.manifest.signals, name: spec})

    def write_index(self, signal: str, index: HnswIndex, measured: Mapping[str, Any] | None = None) -> None:
        """A signal's HNSW graph, and what was measured on it (recall, ...)."""
        place = f"signals/{signal}"
        self.forget(f"{place}/{file}" for file in INDEX_FILES)
        self._write(f"{place}/{INDEX}", index.save)
        if index.rows is not None:
            self.write_array(f"{place}/{LABEL_ROWS}", index.rows, np.int32)
        spec = replace(self.manifest.signals[signal], index={"spec": index.spec.to_json(), "measured": measured or {}})
        self._manifest = replace(self.manifest, signals={**self.manifest.signals, signal: spec})

    def write_measured(self, signal: str, measured: Mapping[str, Any]) -> None:
        """What was measured on the index that a signal has."""
        spec = self.manifest.signals[signal]
        if spec.index is None:
            raise BundleError(f"signal {signal} of {self.folder} has no index; run python -m precompute index")
        spec = replace(spec, index={**spec.index, "measured": dict(measured)})
        self._manifest = replace(self.manifest, signals={**self.manifest.signals, signal: spec})

    def name_map(self, signal: str, spec: MapSpec) -> None:
        """Puts a map, whose files were written, into the manifest (see `maps`)."""
        self._manifest = replace(self.manifest, maps={**self.manifest.maps, signal: spec})

    def show_to(self, rules: Sequence[str]) -> None:
        """Who alone may see the bundle (see `audience`); everybody where there is no rule."""
        self._manifest = replace(self.manifest, visible_to=tuple(rules))

    def write_pictures(self, pictures: pd.DataFrame) -> None:
        """The status table of the pictures in images/: product_id, status ("done", ...), file, sha256."""
        table = pa.Table.from_pandas(pictures, preserve_index=False).replace_schema_metadata(None)
        self._write_table(STATUS_TABLE, table)

    def write_categories(self, product_ids: Sequence[str], categories: Sequence[str | None], estimated: Bools) -> None:
        """A category for each product (N,), in the bundle's order, instead of those in its table; None where there is
        none. estimated: (N,) which of them are guesses."""
        text = pa.large_string()
        table = {"product_id": pa.array(product_ids, text), "category": pa.array(categories, text)}
        self._write_table(CATEGORIES, pa.table(table | {"category_estimated": pa.array(estimated)}))

    def digest(self, relative: str) -> str:
        """The hash of a file as the manifest will have it. Raises KeyError for one that it will not name."""
        return {**self.manifest.files, **self._staged}[relative]

    def forget(self, names: Iterable[str]) -> None:
        """Strikes files of before from the manifest."""
        forgotten = set(names)
        files = {name: digest for name, digest in self.manifest.files.items() if name not in forgotten}
        self._manifest = replace(self.manifest, files=files)

    def write_file(self, relative: str, source: Path) -> None:
        """A copy of a file, under a name inside the bundle."""
        self._write(relative, lambda path: shutil.copyfile(source, path))

    def _write_table(self, relative: str, table: pa.Table, order: Positions | None = None) -> None:
        self._write(relative, lambda path: write_table(table, path, order))

    def write_array(self, relative: str, array: Array, dtype: Any) -> None:
        """An array under a name inside the bundle. Raises InputError where it is of another type."""
        if array.dtype != dtype:
            raise InputError(f"{relative} must be {np.dtype(dtype)}, got {array.dtype}")
        self._write(relative, lambda path: save_array(path, array))

    def _write_json(self, relative: str, value: Any) -> None:
        self._write(relative, lambda path: path.write_text(as_json(value), encoding="utf-8"))

    def _write(self, relative: str, write: Callable[[Path], Any]) -> None:
        partial = partial_of(safe_path(self.folder, relative))
        partial.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        flush(partial)
        self._staged[relative] = sha256(partial)

    def _commit(self) -> None:
        if not self._staged and self._manifest == self._before:
            return
        self._disown_changed_files()
        for relative in self._staged:
            final = self.folder / relative
            partial_of(final).replace(final)
        manifest = with_true_maps(replace(self.manifest, files={**self.manifest.files, **self._staged}))
        self._replace_manifest(manifest)
        forget_kept(self.folder)
        remove_orphans(self.folder, manifest.files)

    def _disown_changed_files(self) -> None:
        """Takes what is about to change out of the manifest first: an interruption then costs that part alone."""
        old = self._before
        if old is None:
            return
        changed = {file for file, digest in self._staged.items() if old.files.get(file, digest) != digest}
        if any("/" not in file and file != STATUS_TABLE for file in changed):
            take_manifest(self.folder)  # a table: every part of the bundle is about it
        elif changed:
            self._replace_manifest(without_files(old, changed))

    def _replace_manifest(self, manifest: Manifest) -> None:
        replace_text(self.folder / MANIFEST, as_json(manifest.to_json()))
