"""A signal on disk, as the loaders of its kind read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..types import Array, Bools, Vectors
from .arrays import read_array, read_list, read_vectors
from .judgements import Judgements
from .manifest import Manifest, SignalSpec, named_file
from .plain_files import read_json
from .seen_queries import seen_by
from .signals import Signal


@dataclass(frozen=True, eq=False)
class Stored:
    """A signal on disk, with what it is about. query_vectors: (Q, D) by encoder. products: how many there are. verb:
    what makes such a signal again. others: signals of the bundle that it may be made of, by name. queries: (Q,) texts.
    """

    folder: Path
    name: str
    manifest: Manifest
    judgements: Judgements = field(repr=False)
    query_vectors: Mapping[str, Vectors] = field(repr=False)
    products: int
    verb: str = "encode"
    others: Mapping[str, Signal] = field(default_factory=dict, repr=False)
    queries: Sequence[str] = field(default=(), repr=False)

    @property
    def again(self) -> str:
        """What to do where its files are damaged."""
        return f"run python -m precompute {self.verb} again"

    @property
    def spec(self) -> SignalSpec:
        """What the manifest says of it."""
        return self.manifest.signals[self.name]

    @property
    def place(self) -> str:
        """Its folder inside the bundle."""
        return f"signals/{self.name}"

    def names(self, name: str) -> bool:
        """Whether the manifest names a file of it."""
        return f"{self.place}/{name}" in self.manifest.files

    def file(self, name: str) -> Path:
        """A file of it. Raises BundleError where the manifest does not name it."""
        return named_file(self.folder, f"{self.place}/{name}", self.manifest)

    def array(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of it, memory-mapped. Raises BundleError where it has another shape or type."""
        return read_array(self.file(name), shape, dtype, self.again)

    def list(self, name: str, dtype: Any) -> Array:
        """An array of one dimension of it, of any length. Raises BundleError where it is of another type."""
        return read_list(self.file(name), dtype, self.again)

    def vectors(self, name: str, dim: int, present: Bools | None = None, stay: bool = False) -> Vectors:
        """(N, D) unit rows of the products, zero where not present. stay: as in `read_vectors`. Raises BundleError."""
        return read_vectors(self.file(name), self.products, dim, present, stay)

    def seen(self, model: str) -> Bools | None:
        """(Q,) which queries the model in a folder of the bundle learned from; None where it did from none."""
        return seen_by(self.folder, model, self.manifest, self.queries)

    def about(self) -> Mapping[str, Any]:
        """What it says of itself beside its arrays; empty where that is no JSON object."""
        try:
            found = read_json(self.file("signal.json"))
        except (OSError, ValueError):
            found = None
        return found if isinstance(found, dict) else {}
