"""Every cache of the app: what is loaded, encoded or prepared once and shared, read-only, by all visitors.

Arrays stay in st.cache_resource (st.cache_data would copy them at every hit). Keys are the bundle's fingerprint and the
settings that matter; what a leading underscore marks is not part of the key. The weight is never part of one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from PIL.Image import Image

from sqid_core.analysis import query_groups
from sqid_core.analysis.groupings import categories
from sqid_core.bundle.departments import departments
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import share_a_space
from sqid_core.encoders.families import Encoder, load_encoder
from sqid_core.encoders.parity import check_parity
from sqid_core.encoders.vocabulary import knows_nothing_of, load_vocabulary, unknown_words
from sqid_core.errors import EncoderError
from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.ranking import candidates as search
from sqid_core.ranking.filters import ProductFilter, folded
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.picture_search import QueryVectors
from sqid_core.types import Modality
from sqid_ui.caches.demo_build import DemoBuild
from sqid_ui.search import rankings
from sqid_ui.search.state import Choices

# A prepared catalogue of SQID's size is about 8 MB; a slate is nothing.
_CATALOGUES, _SLATES = 8, 256
_BRANDS = 300


@st.cache_resource(max_entries=4, show_spinner="Opening the bundle")
def dataset(folder: str, fingerprint: str) -> Dataset:  # noqa: ARG001 - a bundle that changed is loaded again
    """The bundle in `folder`. Raises BundleError; nothing is cached then."""
    return load_bundle(Path(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def demo_build(out: str) -> DemoBuild:
    """The one build of the demo that every visitor of this process watches."""
    return DemoBuild(Path(out))


@st.cache_resource(max_entries=4, show_spinner=False)
def query_names(fingerprint: str, _dataset: Dataset) -> Mapping[str, str]:  # noqa: ARG001
    """The text of every judged query by its id, in the order of the bundle."""
    judged = _dataset.judgements.lengths > 0
    shown = _dataset.queries[judged]
    return dict(zip(shown["query_id"].astype(str), shown["query"].astype(str), strict=True))


@st.cache_resource(max_entries=4, show_spinner=False)
def choices(fingerprint: str, _dataset: Dataset) -> Choices:
    """What the bundle offers the Search page."""
    text, image = ([s for s in _dataset.signals.values() if s.modality == modality] for modality in rankings.MODALITIES)
    apart = frozenset((t.name, i.name) for t in text for i in image if not share_a_space(t, i))
    return Choices(
        query_ids=frozenset(query_names(fingerprint, _dataset)),
        gain_names=_dataset.scale.gain_names,
        opening_query=rankings.opening_query(_dataset),
        product_ids=product_index(fingerprint, _dataset),
        categories=_distinct(departments(_of(_dataset.products, "category"))),
        brands=frozenset(map(folded, _of(_dataset.products, "brand"))) - {""},
        topics=_distinct(topics(fingerprint, _dataset)),
        sources=_distinct(_of(_dataset.queries, "source")),
        text_signals=tuple(signal.name for signal in text),
        image_signals=tuple(signal.name for signal in image),
        apart=apart,
    )


def _of(table: pd.DataFrame, column: str) -> list[Any]:
    return list(table[column].unique()) if column in table else []


def _distinct(names: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if isinstance(name, str) and name}))


@st.cache_resource(max_entries=4, show_spinner=False)
def product_index(fingerprint: str, _dataset: Dataset) -> pd.Index:  # noqa: ARG001
    """The products' ids in row order; `get_loc` gives the row of one."""
    return pd.Index(_dataset.products["product_id"])


@st.cache_resource(max_entries=4, show_spinner=False)
def common_brands(fingerprint: str, _dataset: Dataset) -> tuple[str, ...]:  # noqa: ARG001
    """The brands of most products, by name: all would be megabytes at every rerun."""
    if "brand" not in _dataset.products:
        return ()
    names = _dataset.products["brand"]
    return _distinct(names[names != ""].value_counts().head(_BRANDS).index)


@st.cache_resource(max_entries=32, show_spinner=False)
def fitting_products(fingerprint: str, wanted: ProductFilter, _dataset: Dataset) -> npt.NDArray[np.bool_]:  # noqa: ARG001
    """(N,) which products a filter leaves."""
    return wanted.mask(_dataset.products)


# --- the judged queries, in groups ---


@st.cache_resource(max_entries=4, show_spinner=False)
def topics(fingerprint: str, _dataset: Dataset) -> npt.NDArray[np.object_]:  # noqa: ARG001
    """(Q,) the department that each query is about, None where the bundle has no categories."""
    return categories(_dataset)


@st.cache_resource(max_entries=4, show_spinner="Measuring all judged queries")
def single_ndcgs(fingerprint: str, _dataset: Dataset) -> Mapping[Modality, npt.NDArray[np.float64]]:  # noqa: ARG001
    """(Q,) NDCG of each query by the first text and the first image signal alone."""
    return query_groups.single_ndcgs(_dataset)


@st.cache_resource(max_entries=4, show_spinner=False)
def judged_texts(fingerprint: str, _dataset: Dataset) -> Mapping[str, str]:
    """The id of each judged query by its text, case and spaces folded."""
    names = query_names(fingerprint, _dataset)
    ids = list(names)
    return {text: ids[row] for text, row in query_groups.by_folded_text(names.values()).items()}


# --- encoders ---


@st.cache_resource(max_entries=4, show_spinner="Loading the encoder")
def encoder(fingerprint: str, name: str, _dataset: Dataset) -> Encoder:  # noqa: ARG001
    """An encoder of the bundle, which makes the vectors that the bundle holds. Raises EncoderError."""
    loaded = load_encoder(_dataset.manifest.encoders[name], _dataset.folder / "encoders" / name)
    stored = _dataset.query_vectors(name)
    if stored is not None:
        check_parity(loaded, _dataset.queries["query"].tolist(), stored, f"The bundle {_dataset.name}")
    return loaded


@st.cache_resource(max_entries=512, show_spinner=False)
def text_vector(fingerprint: str, name: str, text: str, _dataset: Dataset) -> npt.NDArray[np.float32]:
    """(D,) the vector of a typed text. Raises EncoderError."""
    return encoder(fingerprint, name, _dataset).encode_texts([text])[0]


@st.cache_resource(max_entries=64, show_spinner=False)
def picture_vector(fingerprint: str, name: str, digest: str, _picture: Image, _dataset: Dataset) -> Any:  # noqa: ARG001
    """(D,) the vector of an uploaded picture, known by its hash. Raises EncoderError."""
    return encoder(fingerprint, name, _dataset).encode_images([_picture])[0]


@st.cache_resource(max_entries=4, show_spinner=False)
def vocabulary(fingerprint: str, name: str, _dataset: Dataset) -> frozenset[str] | None:  # noqa: ARG001
    """The words that an encoder has seen, None where its folder does not say."""
    return load_vocabulary(_dataset.folder / "encoders" / name)


@st.cache_resource(max_entries=4, show_spinner=False)
def warm_encoder(fingerprint: str, name: str, _dataset: Dataset) -> Thread:
    """Loads an encoder in the background, once; a search that needs it meanwhile waits for the same load."""

    def load() -> None:
        try:
            text_vector(fingerprint, name, "warm", _dataset)
        except EncoderError:
            return  # The search that needs it raises the same again, where it can be shown.

    thread = Thread(target=load, name=f"warm {name}", daemon=True)
    thread.start()
    return thread


def warm_encoders(shown: Dataset) -> None:
    """Starts loading the encoders of a bundle. Called last in a run: importing torch slows down what comes after it."""
    for name in dense_encoders(shown):
        warm_encoder(shown.fingerprint, name, shown)


def dense_encoders(shown: Dataset) -> tuple[str, ...]:
    """The encoders behind the bundle's first text and first image signal with vectors."""
    signals = map(shown.dense_signal, rankings.MODALITIES)
    return tuple(dict.fromkeys(signal.encoder for signal in signals if signal is not None))


def words_unknown(shown: Dataset, text: str) -> tuple[bool, tuple[str, ...]]:
    """Whether no word of a typed text is known to an encoder that lists its words, and which words are not."""
    for name in dense_encoders(shown):
        known = vocabulary(shown.fingerprint, name, shown)
        if known is not None:
            return knows_nothing_of(text, known), unknown_words(text, known)
    return False, ()


# --- rankings: everything but the weight ---


def signal_names(shown: Dataset) -> tuple[str, ...]:
    """The signals that are shown: of several of a modality, the first."""
    return tuple(signal.name for signal in map(shown.signal, rankings.MODALITIES) if signal is not None)


def prepared_slate(shown: Dataset, query_id: str, fusion: Fusion) -> rankings.Prepared:
    """A judged query's slate, ready to be fused at any weight."""
    return _prepared_slate(shown.fingerprint, signal_names(shown), query_id, fusion.weightless, shown)


def prepared_catalogue(
    shown: Dataset, asked: Hashable, vectors: Callable[[], QueryVectors], query_id: str, fusion: Fusion
) -> rankings.Prepared:
    """The whole catalogue for a query's vectors. asked: what they stand for. query_id: whose labels it gets, or "".

    Raises SqidError where there are no such vectors.
    """
    return _prepared_catalogue(
        shown.fingerprint, signal_names(shown), asked, query_id, fusion.weightless, vectors, shown
    )


def slate_curve(shown: Dataset, query_id: str, fusion: Fusion, gains: str) -> WeightCurve:
    """NDCG of a judged query's slate at every weight."""
    return _slate_curve(shown.fingerprint, signal_names(shown), query_id, fusion.weightless, gains, shown)


def everyones_curve(shown: Dataset, fusion: Fusion, gains: str) -> WeightCurve:
    """Mean NDCG of all judged queries at every weight."""
    return _everyones_curve(shown.fingerprint, signal_names(shown), fusion.weightless, gains, shown)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _prepared_slate(
    fingerprint: str,  # noqa: ARG001
    signals: tuple[str, ...],  # noqa: ARG001
    query_id: str,
    fusion: Fusion,
    _dataset: Dataset,
) -> rankings.Prepared:
    return rankings.prepare_slate(_dataset, query_id, fusion)


@st.cache_resource(max_entries=_CATALOGUES, show_spinner=False)
def _prepared_catalogue(
    fingerprint: str,
    signals: tuple[str, ...],
    asked: Hashable,  # noqa: ARG001
    query_id: str,
    fusion: Fusion,
    _vectors: Callable[[], QueryVectors],
    _dataset: Dataset,
) -> rankings.Prepared:
    own = own_cosines(fingerprint, signals, _dataset) if fusion.method == "embedding average" else None
    return rankings.prepare_catalogue(_dataset, _vectors(), query_id, fusion, own)


@st.cache_resource(max_entries=4, show_spinner=False)
def own_cosines(
    fingerprint: str,  # noqa: ARG001
    signals: tuple[str, ...],  # noqa: ARG001
    _dataset: Dataset,
) -> npt.NDArray[np.float64] | None:
    """(N,) cosine of each product's own text and picture, which no query changes; None without both."""
    text, image = map(_dataset.dense_signal, rankings.MODALITIES)
    return None if text is None or image is None else search.own_cosines(_dataset)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _slate_curve(
    fingerprint: str, signals: tuple[str, ...], query_id: str, fusion: Fusion, gains: str, _dataset: Dataset
) -> WeightCurve:
    prepared = _prepared_slate(fingerprint, signals, query_id, fusion, _dataset)
    return rankings.slate_curve(prepared, fusion, _dataset.scale.gains(gains))


@st.cache_resource(max_entries=32, show_spinner="Measuring all judged queries")
def _everyones_curve(
    fingerprint: str,  # noqa: ARG001
    signals: tuple[str, ...],  # noqa: ARG001 - a bundle with several signals of a modality shows two of them
    fusion: Fusion,
    gains: str,
    _dataset: Dataset,
) -> WeightCurve:
    return dataset_curves(_dataset, fusion, gains).mean()
