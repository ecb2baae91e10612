"""Cross-encoders that are loaded, and what they said of typed queries."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.reranked import RerankedSignal, model_folder
from sqid_core.encoders.cross_encoder import CrossEncoder, RerankerSpec, load_cross_encoder
from sqid_core.ranking.reranking import reranking_scores
from sqid_core.types import Floats
from sqid_ui.caches.keys import Keyed, cached


@cached(max_entries=2, spinner="Loading the cross-encoder")
def _model(named: Keyed[tuple[RerankerSpec, Path]]) -> CrossEncoder:
    return load_cross_encoder(*named.value)


@cached(max_entries=64, any_order=True, spinner="Re-ranking")
def reranked(shown: Dataset, name: str, text: str, rows: tuple[int, ...]) -> Floats:
    """(n,) what the cross-encoder of a signal says of a text and some products. Raises EncoderError."""
    signal = shown.signals[name]
    if not isinstance(signal, RerankedSignal):
        raise ValueError(f"{name} has no cross-encoder")
    spec = signal.reranker
    model = _model(Keyed(spec, (spec, model_folder(shown.folder, name))))
    return reranking_scores(shown, signal, model, text, np.array(rows, dtype=np.int64))
