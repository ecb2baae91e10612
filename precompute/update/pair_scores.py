"""A signal of a cross-encoder's scores, written into a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.reranked import MODEL_FOLDER, RERANKED, RerankedSignal, reranked_about
from sqid_core.bundle.write import BundleWriter


def write_reranked(writer: BundleWriter, signal: RerankedSignal, model_files: Mapping[str, Path]) -> None:
    """Adds the signal, for the judgements that the bundle holds. model_files: of a model that no hub has, by their
    names in its folder."""
    spec = SignalSpec(signal.modality, "", signal.fields, kind=RERANKED)
    arrays = {"scores.npy": (signal.scores, np.float64)}
    about = {"judgements": writer.digest("judgements.parquet"), **reranked_about(signal)}
    writer.write_signal_files(signal.name, spec, arrays, about)
    place = f"signals/{signal.name}/{MODEL_FOLDER}/"
    writer.forget([file for file in writer.manifest.files if file.startswith(place)])
    for name, source in sorted(model_files.items()):
        writer.write_file(f"{place}{name}", source)
