"""Typed words in, ranked products out: what the Search page does, in one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import SearchingSignal
from ..encoders.families import Encoder, EncoderSpec, load_encoder
from ..encoders.parity import check_parity
from ..errors import InputError
from ..types import Floats, Labels, Rows
from ..wording import counted, folded, listed, short
from .candidates import Candidates, Ranking, catalogue_candidates, fused_ranking, signal_ranking
from .filters import ProductFilter, by_folded_text
from .fusion import Fusion


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The first products for a text.

    table: a row a product, best first, by rank from 1: row (in the bundle), product_id, title, score, label (a name of
    the bundle's scale, "" where nobody judged it for this text). searched: how many products could have been found.

    >>> found = search(load_bundle("data/tiny"), "red mug", k=3)
    >>> found
    SearchResult('red mug': 3 of 60 products: Nordhus Red mug, 12 oz, Linnea Black mug, 16 oz, …)
    >>> found.table["label"].tolist()
    ['Exact', 'Substitute', 'Irrelevant']
    """

    text: str
    table: pd.DataFrame = field(repr=False)
    searched: int

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        of = counted(self.searched, "product", "products")
        titles = listed((short(title, 28) for title in self.table["title"]), 60)
        return f"SearchResult({short(self.text, 20)!r}: {len(self):,} of {of}: {titles})"


def bundle_encoder(
    dataset: Dataset, name: str = "", load: Callable[[EncoderSpec, Path], Encoder] | None = None
) -> Encoder:
    """An encoder of the bundle, which makes the very vectors that the bundle holds; the only one if `name` is "".
    load: gives the model of a spec and a folder, `load_encoder` where there is none that may be there already.

    Raises EncoderError where it cannot be loaded, or makes other vectors, and InputError where there is no such one.

    >>> encoder = bundle_encoder(load_bundle("data/tiny"))
    >>> encoder.encode_texts(["red mug", "blue lamp"]).shape
    (2, 24)
    """
    specs = dataset.manifest.encoders
    if name not in specs and (name or len(specs) != 1):
        raise InputError(f"name one of the encoders of {dataset.name}: {', '.join(specs) or 'it has none'}")
    spec = specs[name] if name else next(iter(specs.values()))
    encoder = (load or load_encoder)(spec, dataset.folder / "encoders" / spec.name)
    stored = dataset.query_vectors(spec.name)
    if stored is not None:
        check_parity(encoder, dataset.queries["query"].tolist(), stored, f"The bundle {dataset.name}")
    return encoder


def search(
    dataset: Dataset,
    text: str,
    by: str | Fusion | None = None,
    k: int = 20,
    only: ProductFilter | None = None,
    encoder: Encoder | None = None,
) -> SearchResult:
    """The first k products of the whole catalogue for a text.

    by: a fusion of the first text and the first image signal that can search, or a signal's name; the usual fusion if
    None, or the one signal that there is. only: a filter; scores and ranks stay those of the whole catalogue. encoder:
    one of the bundle's (`bundle_encoder`) that is loaded already; the others are loaded. Raises SqidError where the
    bundle cannot be searched so.

    >>> dataset = load_bundle("data/tiny")
    >>> encoder = bundle_encoder(dataset)
    >>> search(dataset, "red mug", Fusion(image_weight=0.3), k=2, encoder=encoder)
    SearchResult('red mug': 2 of 60 products: Nordhus Red mug, 12 oz, Linnea Black mug, 16 oz)
    >>> search(dataset, "mug", "words_image", k=2, only=ProductFilter(brands=("Linnea",)), encoder=encoder)
    SearchResult('mug': 2 of 20 products: Linnea Blue mug, 13 oz, Linnea Blue umbrella, 18 oz)
    """
    source = dataset if by is None or isinstance(by, Fusion) else _alone(dataset, by)
    fusion = by if isinstance(by, Fusion) else Fusion()
    loaded = {} if encoder is None else {encoder.spec.name: encoder}
    vectors = {
        name: (loaded.get(name) or bundle_encoder(dataset, name)).encode_texts([text])[0]
        for name in source.search_encoders
    }
    candidates = catalogue_candidates(source, vectors, fusion, _judged_query(dataset, text), text=text)
    if by is fusion and candidates.columns is None:
        raise InputError(f"bundle {dataset.name} has no text and image vectors to fuse; search by one signal")
    fits = None if only is None else only.mask(dataset.products)
    ranking = _ranked(candidates, fusion, k if fits is None else len(dataset.products))
    shown = slice(k) if fits is None else np.flatnonzero(fits[ranking.rows])[:k]
    table = _table(dataset, ranking.rows[shown], ranking.scores[shown], candidates.labels)
    return SearchResult(text, table, len(dataset.products) if fits is None else int(fits.sum()))


def _alone(dataset: Dataset, name: str) -> Dataset:
    """The bundle with one signal, which must be able to search."""
    signal = dataset.signals.get(name)
    if not isinstance(signal, SearchingSignal):
        known = ", ".join(each for each, other in dataset.signals.items() if isinstance(other, SearchingSignal))
        raise InputError(f"bundle {dataset.name} has no signal {name!r} that can search; it has: {known or 'none'}")
    return replace(dataset, signals={name: signal})


def _judged_query(dataset: Dataset, text: str) -> int | None:
    """The row of the judged query with this text, case and spaces folded; None where there are several, as nobody said
    whose labels hold."""
    judged = np.flatnonzero(dataset.judgements.lengths > 0)
    found = by_folded_text(dataset.queries["query"].iloc[judged]).get(folded(text), ())
    return int(judged[found[0]]) if len(found) == 1 else None


def _ranked(candidates: Candidates, fusion: Fusion, k: int) -> Ranking:
    """Fused where there are two signals to fuse, else by the one that there is."""
    if candidates.columns is not None:
        return fused_ranking(candidates, fusion, k)
    return signal_ranking(candidates, "image" if candidates.text is None else "text", k)


def _table(dataset: Dataset, rows: Rows, scores: Floats, labels: Labels) -> pd.DataFrame:
    names = [*dataset.scale.names, ""]
    return pd.DataFrame(
        {
            "row": rows,
            "product_id": dataset.products["product_id"].to_numpy()[rows],
            "title": dataset.products["title"].to_numpy()[rows],
            "score": scores,
            "label": [names[label] for label in labels[rows]],
        },
        index=pd.RangeIndex(1, len(rows) + 1, name="rank"),
    )
