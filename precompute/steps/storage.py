"""As what a bundle's vectors are stored, and what that loses in NDCG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.manifest_parts import INDEX_FILES
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.storage import FULL, HALF, halved
from sqid_core.bundle.stored_slates import SLATES
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.reports import evaluate, scores_run
from sqid_core.types import Vectors


@dataclass(frozen=True)
class StoredAs:
    """A signal's vectors. written: False where they were stored so. measured: what was lost, empty for float32."""

    signal: str
    written: bool
    measured: Mapping[str, float | int]


def store(bundle: Path, storage: str, signals: Sequence[str] = (), progress: Progress = quiet) -> tuple[StoredAs, ...]:
    """Stores the vectors of all signals that have some, or of those named, as float16 or float32, and notes in the
    manifest what NDCG of the judged slates loses by it. An index of the other vectors goes.

    Raises InputError for a signal without vectors.
    """
    dataset = load_bundle(bundle)
    able = {name: each for name, each in dataset.signals.items() if isinstance(each, DenseSignal)}
    if unknown := [name for name in signals if name not in able] or ([] if able else [""]):
        raise InputError(
            f"{bundle} has no signal {unknown[0]!r} with vectors of its own; it has: {', '.join(able) or 'none'}"
        )
    return tuple(_stored(dataset, able[name], storage, progress) for name in dict.fromkeys(signals or able))


def _stored(dataset: Dataset, signal: DenseSignal, storage: str, progress: Progress) -> StoredAs:
    before = dataset.manifest.signals[signal.name]
    if (HALF if before.storage else FULL) == storage:
        tell(progress, "storing", f"{signal.name}: stored as {storage} already")
        return StoredAs(signal.name, False, {})
    vectors: Any = halved(signal.products) if storage == HALF else np.asarray(signal.products[:])
    measured = _loss(dataset, signal, vectors) if storage == HALF else {}
    spec = replace(before, index=None, storage={"type": HALF, "measured": measured} if storage == HALF else None)
    _write(dataset, signal, spec, vectors)
    lost = "; its index is dropped: run python -m precompute index again" if before.index else ""
    tell(progress, "storing", f"{signal.name}: {storage}, {vectors.nbytes:,} bytes{_said(measured)}{lost}")
    return StoredAs(signal.name, True, measured)


def _write(dataset: Dataset, signal: DenseSignal, spec: SignalSpec, vectors: Any) -> None:
    with BundleWriter(dataset.folder) as writer:
        place = f"signals/{signal.name}/"
        gone = {f"{place}{file}" for file in INDEX_FILES}
        writer.forget(name for name in writer.manifest.files if name in gone or name.startswith(f"{place}{SLATES}"))
        about = {"encoder": writer.manifest.encoders[signal.encoder].to_json()}
        writer.write_signal_files(signal.name, spec, {"products.npy": (vectors, vectors.dtype)}, about)


def _loss(dataset: Dataset, signal: DenseSignal, halves: npt.NDArray[np.float16]) -> dict[str, float | int]:
    """NDCG of the judged slates by float16, how much higher float32's is, and by how much a score moves at most; empty
    where no query has a gain."""
    judgements = dataset.judgements
    # numpy widens each row before it multiplies, as a reader of the bundle does.
    stored = replace(signal, products=cast(Vectors, halves), slates=None)
    full, half = (each.slate_scores(judgements) for each in (signal, stored))
    of_full, of_half = (
        evaluate(dataset, scores_run(storage, scores, judgements), measures=("ndcg",)).values("ndcg")
        for storage, scores in ((FULL, full), (HALF, half))
    )
    defined = np.isfinite(of_full)
    if not defined.any():
        return {}
    return {
        "ndcg": round(defined_mean(of_half, dataset.traffic), 6),
        "ndcg loss": round(defined_mean(of_full - of_half, dataset.traffic), 6) + 0.0,
        "largest loss": round(float(np.nanmax(np.abs(of_full - of_half))), 6),
        "largest score error": float(f"{np.nanmax(np.abs(full - half)):.2g}"),
        "queries": int(defined.sum()),
    }


def _said(measured: Mapping[str, float | int]) -> str:
    if not measured:
        return ""
    return (
        f", NDCG {measured['ndcg']:.4f}, {measured['ndcg loss'] + 0:.6f} less than float32 (at most "
        f"{measured['largest loss']:.4f} on one of {measured['queries']:,} queries)"
    )
