"""Vectors that an encoder made before, found again by the content that they were made of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sqid_core.bundle.content import digests, found_in, text_digest
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.families import EncoderSpec
from sqid_core.types import Digests, Modality, Positions, Vectors

# Inside the bundle, hidden: what the manifest does not name is no part of the bundle.
_ASIDE = ".kept"


@dataclass(frozen=True, eq=False)
class Known:
    """vectors: (n, D) unit rows. content: (n, 16) what each was made of."""

    vectors: Vectors = field(repr=False)
    content: Digests = field(repr=False)

    def rows_of(self, content: Digests) -> Positions:
        """(N,) the row of each content, -1 where it is not known."""
        return found_in(content, self.content)


def known_queries(dataset: Dataset, encoder: str) -> Known | None:
    """What an encoder of the bundle made of its queries."""
    vectors = dataset.query_vectors(encoder)
    if vectors is None:
        return None
    return Known(vectors, digests(map(text_digest, dataset.queries["query"])))


def known_products(dataset: Dataset, encoder: str, modality: Modality) -> list[Known]:
    """What an encoder of the bundle made of products' texts, or of their pictures, where the bundle says of what."""
    return [
        Known(signal.products, signal.content)
        for signal in dataset.signals.values()
        if isinstance(signal, DenseSignal)
        and (signal.encoder, signal.modality) == (encoder, modality)
        and signal.content is not None
    ]


def set_aside(bundle: Path, spec: EncoderSpec, known: Mapping[Modality, list[Known]]) -> None:
    """Keeps vectors that no longer fit the bundle and that nothing here can complete, for `encode` to take up again."""
    folder = bundle / _ASIDE / spec.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for modality, parts in known.items():
        if parts:
            np.save(folder / f"{modality}.npy", np.concatenate([part.vectors for part in parts]), allow_pickle=False)
            content = np.concatenate([part.content for part in parts])
            np.save(folder / f"{modality}-content.npy", content, allow_pickle=False)
    (folder / "encoder.json").write_text(json.dumps(spec.to_json()), encoding="utf-8")


def laid_aside(bundle: Path, spec: EncoderSpec, modality: Modality) -> list[Known]:
    """What `set_aside` kept of this very encoder."""
    folder = bundle / _ASIDE / spec.name
    try:
        if json.loads((folder / "encoder.json").read_text(encoding="utf-8")) != spec.to_json():
            return []
        vectors = np.load(folder / f"{modality}.npy", mmap_mode="r", allow_pickle=False)
        content = np.load(folder / f"{modality}-content.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError):  # never written, or cut off: then it is encoded again
        return []
    return [Known(vectors, content)] if vectors.shape == (len(content), spec.dim) else []


def forget_aside(bundle: Path, encoder: str, modality: Modality) -> None:
    """Takes away what was taken up."""
    folder = bundle / _ASIDE / encoder
    for name in (f"{modality}.npy", f"{modality}-content.npy"):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not list(folder.glob("*.npy")):
        shutil.rmtree(folder)
        if not any((bundle / _ASIDE).iterdir()):
            (bundle / _ASIDE).rmdir()
