"""Bundles: a folder of tables, vectors and pictures that can be copied, memory-mapped and checked.

manifest.json is written last and names every other file with its hash: a folder without one is unfinished, and a file
that it does not name does not exist. Loading refuses, with one sentence, whatever disagrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ..errors import BundleError, InputError
from ..indexes.hnsw import GRAPH, LABEL_ROWS, HnswIndex
from ..indexes.protocol import NO_ROW, IndexSpec
from ..types import MODALITIES, Floats, LabelRows, Labels, Modality, Vectors
from ..wording import counted, listed, numbered, short
from .arrays import read_list, read_vectors
from .judgements import Judgements
from .known_labels import read_known_labels
from .labels import LabelScale
from .manifest import Manifest, named_file, read_manifest, safe_path, sha256
from .parquet_files import read_frame
from .plain_files import missing_fault, told
from .shown_pictures import STATUS_TABLE, read_status_table, shown_pictures
from .signal_kinds import MIX, SignalKind, kind_of, load_signals
from .signals import DenseSignal, SearchingSignal, Signal
from .tables import JUDGEMENT_COLUMNS, NEVER_NULL, PRODUCT_COLUMNS, QUERY_COLUMNS, check_ids
from .traffic import WEIGHT, traffic

# In a folder of its own: changing it must not put the other tables in doubt.
CATEGORIES = "categories/categories.parquet"
CATEGORY_COLUMNS = {"product_id": pa.large_string(), "category": pa.large_string(), "category_estimated": pa.bool_()}
# Long texts that no ranking reads: left on disk.
_UNLOADED = ("description",)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A loaded bundle. Vectors are memory-mapped; everything is read-only and may be shared between threads.

    products, queries: frames in row order, with the columns of `tables` less the descriptions; a product's image is the
    one to show (see `pictures`), and there may be category_estimated. signals: by name. retrieval: how an imported run
    is measured on what it does not rank: as not returned, or (re-ranking) as following behind. by_traffic: whether
    means count each query by its weight (`traffic`), or one like another. known_labels: (Q, N) of every product, for
    searches of the whole catalogue; None where nobody knows them, or they are not to be shown. label_set: whose labels
    the judgements are, as a link has it; "" for those of the bundle. labels_chosen: whether these give other labels
    to pairs that rankings chose (`evaluation.claims`). relevant_from: see `as_relevant`; None for the bundle's own.

    >>> dataset = load_bundle("data/tiny")
    >>> dataset
    Dataset(tiny: 60 products, 8 queries, signals words_text, words_image)
    >>> dataset.judgements
    Judgements(8 queries, 132 pairs)
    >>> dataset.signal("text")
    DenseSignal(words_text: text, 24 dimensions of words, 60 of 60 products)
    """

    folder: Path
    manifest: Manifest
    products: pd.DataFrame = field(repr=False)
    queries: pd.DataFrame = field(repr=False)
    judgements: Judgements = field(repr=False)
    signals: Mapping[str, Signal]
    retrieval: bool = False
    by_traffic: bool = False
    known_labels: Labels | None = field(default=None, repr=False)
    label_set: str = ""
    labels_chosen: bool = False
    relevant_from: int | None = None

    def __repr__(self) -> str:
        products = counted(len(self.products), "product", "products")
        queries = counted(len(self.queries), "query", "queries")
        return f"Dataset({short(self.name, 30)}: {products}, {queries}, signals {listed(self.signals) or 'none'})"

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self.manifest.name

    @property
    def fingerprint(self) -> str:
        """Equal for equal bundles."""
        return self.manifest.fingerprint

    @property
    def key(self) -> tuple[str, ...]:
        """What a cache knows the data set by: equal for equal bundles with their signals in the same order."""
        read = {"retrieval": self.retrieval, "traffic": self.by_traffic, "known": self.known_labels is not None}
        read |= {"chosen": self.labels_chosen}
        relevant = () if self.relevant_from is None else (f"relevant {self.relevant_from}",)
        return *self.content_key, *self.signals, *(name for name, asked in read.items() if asked), *relevant

    @property
    def content_key(self) -> tuple[str, ...]:
        """The same without how it is read: for what is equal in whatever order the signals stand. Another set of labels
        that gives every pair the label that it had is the same set to a cache."""
        return (self.fingerprint, f"labels {self.judgements.digest}") if self.label_set else (self.fingerprint,)

    @cached_property
    def weights(self) -> Floats | None:
        """(Q,) how often each query is asked; None where the bundle does not say."""
        return traffic(self.queries)

    @property
    def traffic(self) -> Floats | None:
        """(Q,) how much each query counts in a mean; None where one counts like another."""
        return self.weights if self.by_traffic else None

    @cached_property
    def scale(self) -> LabelScale:
        """The labels that the judges used, with which of them count as relevant."""
        scale, chosen = self.manifest.label_scale, self.relevant_from
        return scale if chosen is None else replace(scale, relevant_from=chosen)

    def signal(self, modality: Modality) -> Signal | None:
        """The first signal of a modality."""
        return next((signal for signal in self.signals.values() if signal.modality == modality), None)

    def dense_signal(self, modality: Modality) -> DenseSignal | None:
        """The first signal of a modality that has vectors."""
        dense = (signal for signal in self.signals.values() if isinstance(signal, DenseSignal))
        return next((signal for signal in dense if signal.modality == modality), None)

    def search_signal(self, modality: Modality) -> SearchingSignal | None:
        """The first signal of a modality that can search the whole catalogue."""
        able = (signal for signal in self.signals.values() if isinstance(signal, SearchingSignal))
        return next((signal for signal in able if signal.modality == modality), None)

    @property
    def search_encoders(self) -> tuple[str, ...]:
        """The encoders behind the first text and the first image signal that can search: what a typed text needs."""
        able = (signal for signal in map(self.search_signal, MODALITIES) if signal is not None)
        return tuple(dict.fromkeys(encoder for signal in able for encoder in signal.encoders))

    @property
    def can_fuse(self) -> bool:
        """Whether there are a text and an image signal to fuse."""
        return self.signal("text") is not None and self.signal("image") is not None

    @property
    def both_signals(self) -> tuple[Signal, Signal]:
        """The first text and the first image signal. Raises InputError where the bundle lacks one."""
        text, image = self.signal("text"), self.signal("image")
        if text is None or image is None:
            lacking = "text" if text is None else "image"
            raise InputError(f"bundle {self.name} has no {lacking} signal to fuse; run python -m precompute encode")
        return text, image

    def preferring(self, *names: str) -> Dataset:
        """The same data set with these signals before all others, so that they are the first of their modality."""
        others = {name: signal for name, signal in self.signals.items() if name not in names}
        return replace(self, signals={name: self.signals[name] for name in names} | others)

    def as_retrieval(self) -> Dataset:
        """The same data set whose imported runs return what they rank, and nothing else."""
        return replace(self, retrieval=True)

    def as_traffic(self) -> Dataset:
        """The same data set whose means are per unit of traffic. Raises InputError where queries have no weights."""
        if self.weights is None:
            raise InputError(f"bundle {self.name} does not say how often its queries are asked: they have no {WEIGHT}")
        return replace(self, by_traffic=True)

    def as_relevant(self, label: str) -> Dataset:
        """The same data set in which this label and every better one count as relevant, for the measures that ask
        whether a product is (trec_eval's -l). Raises InputError for a label that is not of the scale."""
        own, code = self.manifest.label_scale.relevant_from, self.scale.code(label)
        return replace(self, relevant_from=None if code == own else code)

    def as_judged(self) -> Dataset:
        """The same data set without the labels of products that nobody judged."""
        return replace(self, known_labels=None)

    def with_labels(self, judgements: Judgements, label_set: str, known_labels: Labels | None) -> Dataset:
        """The same data set judged otherwise; what its signals say of judged pairs follows."""
        signals = {name: signal.judged_as(self.judgements, judgements) for name, signal in self.signals.items()}
        return replace(self, judgements=judgements, signals=signals, known_labels=known_labels, label_set=label_set)

    def kind(self, signal: str) -> SignalKind:
        """The kind of a signal, by its name; what the bundle does not hold is a mix of what it holds."""
        return kind_of(signal, self.manifest.signals[signal]) if signal in self.manifest.signals else MIX

    def query_vectors(self, encoder: str) -> Vectors | None:
        """(Q, D) what an encoder made of the queries, None where no signal holds it."""
        dense = (signal for signal in self.signals.values() if isinstance(signal, DenseSignal))
        return next((signal.queries for signal in dense if signal.encoder == encoder), None)


def load_bundle(folder: Path | str) -> Dataset:
    """A bundle with every check: versions, hashes, columns, counts, ids, order, shapes, types, norms, encoders.

    Raises BundleError with one sentence, whatever the folder holds. Reads every byte once; large arrays are mapped,
    from copies of their own.

    >>> load_bundle("data/tiny").products[["product_id", "title"]].head(2)
      product_id                       title
    0       P006     Nordhus Red lamp, 18 oz
    1       P020  Osterby Green clock, 18 oz
    """
    folder = Path(folder)
    try:
        return _loaded(folder)
    except BundleError:
        raise
    except (Exception, MemoryError) as error:
        # A bundle may come from anybody: what no check foresaw is its fault too, and must not end a page.
        fault = f"{type(error).__name__}: {told(error)}"
        raise BundleError(f"{folder} cannot be loaded ({fault}); build the bundle again") from error


def _loaded(folder: Path) -> Dataset:
    manifest = read_manifest(folder)
    _check_hashes(folder, manifest)
    products = _read_table(folder, "products.parquet", PRODUCT_COLUMNS, manifest)
    queries = _read_table(folder, "queries.parquet", QUERY_COLUMNS, manifest)
    pairs = _read_table(folder, "judgements.parquet", JUDGEMENT_COLUMNS, manifest)
    check_ids(folder, products, queries)
    try:
        judgements = Judgements.from_frame(pairs, products["product_id"], queries["query_id"], manifest.label_scale)
    except InputError as error:
        raise BundleError(f"{folder / 'judgements.parquet'}: {error}") from None
    if CATEGORIES in manifest.files:
        products = _with_categories(folder, products)
    if STATUS_TABLE in manifest.files:
        products["image"] = shown_pictures(products, read_status_table(folder / STATUS_TABLE))
    query_vectors = {
        name: read_vectors(named_file(folder, f"encoders/{name}/queries.npy", manifest), len(queries), spec.dim)
        for name, spec in manifest.encoders.items()
    }
    texts = queries["query"].tolist()
    signals = load_signals(folder, manifest, judgements, query_vectors, len(products), texts)
    known = read_known_labels(folder, manifest)
    return Dataset(folder, manifest, products, queries, judgements, signals, known_labels=known)


def load_index(dataset: Dataset, signal: str) -> HnswIndex | None:
    """The HNSW index of a signal that the bundle holds, None where it has none. Raises ImportError without hnswlib, and
    BundleError."""
    index = dataset.manifest.signals[signal].index
    if index is None or dataset.manifest.signals[signal].index_kind != GRAPH:
        return None
    path = named_file(dataset.folder, f"signals/{signal}/index.hnsw", dataset.manifest)
    rows = _label_rows(dataset, f"signals/{signal}/{LABEL_ROWS}")
    return HnswIndex.load(path, IndexSpec(**index["spec"]), rows, len(dataset.products))


def _label_rows(dataset: Dataset, name: str) -> LabelRows | None:
    """(L,) the product row of each label of a graph; None where the bundle has none. Raises BundleError."""
    if name not in dataset.manifest.files:
        return None
    rows = read_list(safe_path(dataset.folder, name), np.int32)
    if len(rows) and not (rows.min() >= NO_ROW and rows.max() < len(dataset.products)):
        raise BundleError(f"{dataset.folder / name} names products that are not there; run python -m precompute index")
    return rows


def _check_hashes(folder: Path, manifest: Manifest) -> None:
    def fault(item: tuple[str, str]) -> str | None:
        path = safe_path(folder, item[0])
        if missing := missing_fault(path):
            return missing
        try:
            return None if sha256(path) == item[1] else f"{path} was changed after it was written (its hash differs)"
        except OSError as error:
            return f"{path} cannot be read ({told(error)})"

    with ThreadPoolExecutor() as pool:
        found = next((text for text in pool.map(fault, manifest.files.items()) if text), None)
    if found:
        raise BundleError(f"{found}; build the bundle again or restore the file")


def _read_table(folder: Path, name: str, columns: Mapping[str, pa.DataType], manifest: Manifest) -> pd.DataFrame:
    path = named_file(folder, name, manifest)
    frame, nulls = read_frame(path, columns, without=_UNLOADED)
    expected = manifest.counts[name.removesuffix(".parquet")]
    if len(frame) != expected:
        raise BundleError(
            f"{path} has {numbered(len(frame), 'rows')} but the manifest says {expected}; build the bundle again"
        )
    if without := [column for column in NEVER_NULL if column in columns and nulls[column]]:
        raise BundleError(f"{path} has a row without {without[0]}; build the bundle again")
    return frame


def _with_categories(folder: Path, products: pd.DataFrame) -> pd.DataFrame:
    """The products with the categories that were added later, and category_estimated: whether each is a guess."""
    path = folder / CATEGORIES
    added, _ = read_frame(path, CATEGORY_COLUMNS, others=False, advice="run python -m precompute categories again")
    if not added["product_id"].equals(products["product_id"]):
        raise BundleError(f"{path} is about other products; run python -m precompute categories again")
    return products.assign(category=added["category"], category_estimated=added["category_estimated"])
