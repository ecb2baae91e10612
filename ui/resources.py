"""Every cache of the app: what is loaded, encoded or prepared once and shared, read-only, by all visitors.

Arrays stay in st.cache_resource (st.cache_data would copy them at every hit). Keys are the bundle's fingerprint and the
settings that matter; what a leading underscore marks is not part of the key. The weight is never part of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from sqid_core.bundle import Dataset, load_bundle
from sqid_core.encoders import Encoder, load_encoder
from sqid_core.errors import EncoderError
from sqid_core.evaluation import dataset_curves
from sqid_core.fusion import METHODS, Fusion
from sqid_core.parity import check_parity
from sqid_core.signals import DenseSignal
from sqid_core.vocabulary import knows_nothing_of, load_vocabulary, unknown_words
from sqid_core.weight_curve import WeightCurve
from ui import rankings
from ui.demo_build import DemoBuild
from ui.state import Choices

# A prepared catalogue of SQID's size is about 8 MB; a slate is nothing.
_CATALOGUES, _SLATES = 8, 256


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
    names = query_names(fingerprint, _dataset)
    methods = tuple(method for method in METHODS if method != "embedding average" or _shares_encoder(_dataset))
    return Choices(frozenset(names), _dataset.scale.gain_names, rankings.opening_query(_dataset), methods)


def _shares_encoder(shown: Dataset) -> bool:
    """Whether text and picture vectors live in one space, so that they can be averaged."""
    signals = [shown.signal(modality) for modality in rankings.MODALITIES]
    return all(isinstance(signal, DenseSignal) for signal in signals) and len(dense_encoders(shown)) == 1


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


def prepared_slate(shown: Dataset, query_id: str, fusion: Fusion) -> rankings.Prepared:
    """A judged query's slate, ready to be fused at any weight."""
    return _prepared_slate(shown.fingerprint, query_id, _weightless(fusion), shown)


def prepared_catalogue(shown: Dataset, text: str, query_id: str, fusion: Fusion) -> rankings.Prepared:
    """The whole catalogue for a typed text or, where there is none, a judged query. Raises EncoderError."""
    return _prepared_catalogue(shown.fingerprint, text, query_id, _weightless(fusion), shown)


def slate_curve(shown: Dataset, query_id: str, fusion: Fusion, gains: str) -> WeightCurve:
    """NDCG of a judged query's slate at every weight."""
    return _slate_curve(shown.fingerprint, query_id, _weightless(fusion), gains, shown)


def everyones_curve(shown: Dataset, fusion: Fusion, gains: str) -> WeightCurve:
    """Mean NDCG of all judged queries at every weight."""
    names = tuple(signal.name for signal in map(shown.signal, rankings.MODALITIES) if signal is not None)
    return _everyones_curve(shown.fingerprint, names, _weightless(fusion), gains, shown)


def _weightless(fusion: Fusion) -> Fusion:
    return replace(fusion, image_weight=0.5)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _prepared_slate(fingerprint: str, query_id: str, fusion: Fusion, _dataset: Dataset) -> rankings.Prepared:  # noqa: ARG001
    return rankings.prepare_slate(_dataset, query_id, fusion)


@st.cache_resource(max_entries=_CATALOGUES, show_spinner=False)
def _prepared_catalogue(
    fingerprint: str, text: str, query_id: str, fusion: Fusion, _dataset: Dataset
) -> rankings.Prepared:
    def vector(name: str) -> npt.NDArray[Any]:
        return text_vector(fingerprint, name, text, _dataset)

    return rankings.prepare_catalogue(_dataset, vector if text else None, query_id, fusion)


@st.cache_resource(max_entries=_SLATES, show_spinner=False)
def _slate_curve(fingerprint: str, query_id: str, fusion: Fusion, gains: str, _dataset: Dataset) -> WeightCurve:
    prepared = _prepared_slate(fingerprint, query_id, fusion, _dataset)
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
