"""Models that order a few products anew, loaded, and what they said of typed queries."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sqid_core.bundle.learned_signal import LearnedSignal
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.reranked import RerankedSignal, model_folder
from sqid_core.encoders.cross_encoder import CrossEncoder, RerankerSpec, load_cross_encoder
from sqid_core.learning.final_model import FinalModel, asked_slate, final_model, final_scores
from sqid_core.ranking.reranking import reranking_scores
from sqid_core.types import Floats, Vectors
from sqid_ui.caches.keys import Keyed, cached
from sqid_ui.caches.rankings import queries_of_text, text_vector


@cached(max_entries=2, spinner="Loading the cross-encoder")
def _model(named: Keyed[tuple[RerankerSpec, Path]]) -> CrossEncoder:
    return load_cross_encoder(*named.value)


@cached(max_entries=64, any_order=True, spinner="Re-ranking")
def reranked(shown: Dataset, name: str, text: str, rows: tuple[int, ...]) -> Floats:
    """(n,) what the model of a signal says of a text and some products. Raises SqidError."""
    signal, places = shown.signals[name], np.array(rows, dtype=np.int64)
    if isinstance(signal, LearnedSignal):
        final = learned_model(shown, name)
        vectors = {encoder: _vector(shown, encoder, text) for encoder in final.encoders}
        return final_scores(final, asked_slate(shown, final.signals, text, vectors, places))
    if not isinstance(signal, RerankedSignal):
        raise ValueError(f"{name} has no model to be asked")
    spec = signal.reranker
    model = _model(Keyed(spec, (spec, model_folder(shown.folder, name))))
    return reranking_scores(shown, signal, model, text, places)


@cached(max_entries=4)
def learned_model(shown: Dataset, name: str) -> FinalModel:
    """The model of all queries of a learned signal. Raises BundleError."""
    signal = shown.signals[name]
    if not isinstance(signal, LearnedSignal):
        raise ValueError(f"{name} was not learned")
    return final_model(shown, signal)


def _vector(shown: Dataset, encoder: str, text: str) -> Vectors:
    """(D,) of a text by an encoder: as the bundle holds it where a query has this text. Raises EncoderError."""
    stored, same = shown.query_vectors(encoder), queries_of_text(shown, text)
    if same and stored is not None:
        return stored[shown.judgements.row_of(same[0])]
    return text_vector(shown, encoder, text)
