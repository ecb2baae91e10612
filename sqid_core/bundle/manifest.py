"""A bundle's manifest: what the bundle holds, and the hash of every file of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ..encoders.families import check_family
from ..encoders.spec import EncoderSpec
from ..errors import BundleError, EncoderError, NewerBundleError
from ..indexes.hnsw import GRAPH
from ..indexes.milvus_collection import MILVUS_TYPES
from ..indexes.protocol import IndexSpec
from ..types import Modality
from .audience import MOST_RULES, rule_fault
from .labels import LabelScale
from .plain_files import read_json, told
from .signals import usual_kind
from .storage import storage_fault

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
# More than any bundle has; each costs time to check or to show.
_MOST_FILES, _MOST_SIGNALS, _LONGEST_NAME, _LONGEST_ABOUT = 10_000, 1_000, 200, 100_000
_LONGEST_PATH = 1_000
# Clusters are stored as int8.
MOST_CLUSTERS, _MOST_WORDS, _LONGEST_WORD = 127, 1_000, 60
_MOST_DIMENSIONS, _MOST_ROWS, _LARGEST_EF = 65_536, 2**31 - 1, 1_000_000
# Names of signals and encoders are folders, and stand in links.
_FOLDER_NAME = re.compile(r"[^\W_.][\w. ()+@~-]*|_[\w.-]*|-[\w.-]+")


@dataclass(frozen=True)
class SignalSpec:
    """One signal of a bundle. encoder: what made its vectors; "" where it has none. text_fields: the product columns
    that were encoded. index: the spec of its index and what was measured on it, None where there is none. kind: a
    name in SIGNAL_KINDS; where none is given, vectors for a signal with an encoder and a run file's scores for others.
    of: the signal of the bundle whose products' vectors it takes, "" where it has its own or none. storage: as what its
    products' vectors are stored and what that loses, None for float32.
    """

    modality: Modality
    encoder: str
    text_fields: tuple[str, ...] = ()
    index: Mapping[str, Any] | None = None
    kind: str = ""
    of: str = ""
    storage: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", usual_kind(self.encoder))

    @property
    def index_kind(self) -> str:
        """The kind of its index, "" where it has none."""
        return str(self.index["spec"]["kind"]) if self.index else ""

    def to_json(self) -> dict[str, Any]:
        """The fields, less what is as usual (kind, of, storage), so that older bundles keep their fingerprint."""
        found = asdict(self)
        for name, usual in (("kind", usual_kind(self.encoder)), ("of", ""), ("storage", None)):
            if found[name] == usual:
                del found[name]
        return found


@dataclass(frozen=True)
class MapSpec:
    """The map of a signal: its products and its encoder's queries in two dimensions. of: a hash of the vectors that it
    was made of (`vectors_digest`). method: a name in `METHODS` of `maps`. settings: its numbers, the seed among them.
    clusters: the words that set each cluster of products apart.
    """

    of: str
    method: str
    settings: Mapping[str, int | float] = field(default_factory=dict)
    clusters: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds. No time, no path: equal inputs give equal bytes.

    about: title, description, licence, source, ... as text. files: sha256 of every file but the pictures, which have a
    table of their own (images.parquet). maps: by the name of the signal. visible_to: who alone may see it (`audience`),
    which is no part of what it holds, nor of its fingerprint.
    """

    name: str
    label_scale: LabelScale
    counts: Mapping[str, int]
    about: Mapping[str, str] = field(default_factory=dict)
    encoders: Mapping[str, EncoderSpec] = field(default_factory=dict)
    signals: Mapping[str, SignalSpec] = field(default_factory=dict)
    maps: Mapping[str, MapSpec] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    visible_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lacking = [table for table in ("products", "queries", "judgements") if table not in self.counts]
        if lacking:
            raise ValueError(f"counts lack {', '.join(lacking)}")

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what the bundle holds: equal for equal bundles."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()[:16]

    def _content(self) -> dict[str, Any]:
        # Named only where there are some, so that older bundles keep their fingerprint.
        maps = {"maps": {name: asdict(spec) for name, spec in sorted(self.maps.items())}} if self.maps else {}
        return maps | {
            "format_version": FORMAT_VERSION,
            "name": self.name,
            "about": dict(self.about),
            "counts": dict(self.counts),
            "label_scale": self.label_scale.to_json(),
            "encoders": {name: asdict(spec) for name, spec in sorted(self.encoders.items())},
            "signals": {name: spec.to_json() for name, spec in self.signals.items()},
            "files": dict(sorted(self.files.items())),
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` turns back into an equal manifest."""
        private = {"visible_to": list(self.visible_to)} if self.visible_to else {}
        return self._content() | private | {"fingerprint": self.fingerprint}

    @classmethod
    def from_json(cls, data: Any) -> Manifest:
        """The manifest that `to_json` wrote. Raises ValueError, which says where in the data what else was expected."""
        try:
            manifest = msgspec.convert(data, cls)
            for spec in manifest.encoders.values():
                check_family(spec)
            fault = next(_faults(manifest), None)
            if fault:
                raise ValueError(fault)
        except (msgspec.ValidationError, EncoderError) as error:
            raise ValueError(str(error)) from None
        return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle, without its data. Raises BundleError."""
    path = folder / MANIFEST
    try:
        data = read_json(path)
    except FileNotFoundError:
        raise BundleError(
            f"{folder} has no {MANIFEST}, so it is no finished bundle; run the precompute command that makes it again"
        ) from None
    except (OSError, ValueError) as error:
        raise BundleError(f"{path} cannot be read ({told(error)}); build the bundle again") from None
    version = data.get("format_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise NewerBundleError(
            f"{folder} has bundle format {version}, this program reads up to {FORMAT_VERSION}; update SQID Explorer"
        )
    try:
        if version != FORMAT_VERSION:
            raise ValueError(f"format_version is {version!r}, expected {FORMAT_VERSION}")
        manifest = Manifest.from_json(data)
        if data.get("fingerprint") != manifest.fingerprint:
            raise ValueError("the fingerprint does not match the content")
    except ValueError as error:
        raise BundleError(f"{path} is not a bundle's manifest ({told(error)}); build the bundle again") from None
    return manifest


def _faults(manifest: Manifest) -> Iterator[str]:
    """What is wrong with a manifest whose parts are of the right types."""
    if len(manifest.files) > _MOST_FILES or len(manifest.signals) + len(manifest.encoders) > _MOST_SIGNALS:
        yield f"it names {len(manifest.files):,} files, {len(manifest.signals):,} signals: more than a bundle has"
    if any(len(name) > _LONGEST_PATH for name in manifest.files):
        yield f"it names a file with more than {_LONGEST_PATH:,} letters"
    if not 1 <= len(manifest.name) <= _LONGEST_NAME or not manifest.name.isprintable():
        yield "its name is empty, over-long or holds what cannot be printed"
    if any(not 0 <= count <= _MOST_ROWS for count in manifest.counts.values()):
        yield "a table has fewer than no rows, or more than can be counted"
    if sum(len(key) + len(value) for key, value in manifest.about.items()) > _LONGEST_ABOUT:
        yield f"what it says of itself is longer than {_LONGEST_ABOUT:,} letters"
    if len(manifest.visible_to) > MOST_RULES:
        yield f"it names {len(manifest.visible_to):,} rules of who may see it: more than a bundle has"
    yield from (f"who may see it: {fault}" for rule in manifest.visible_to if (fault := rule_fault(rule)))
    for name in (*manifest.signals, *manifest.encoders):
        if len(name) > _LONGEST_NAME or not _FOLDER_NAME.fullmatch(name):
            yield f"{name[:60]!r} cannot be the name of a signal or an encoder"
    for name, encoder in manifest.encoders.items():
        if encoder.name != name or encoder.dim > _MOST_DIMENSIONS:
            yield f"the encoder {name} is called {encoder.name[:60]!r} inside, or has too many dimensions"
    for name, spec in manifest.maps.items():
        yield from _map_faults(name, spec, manifest)
    for name, signal in manifest.signals.items():
        if signal.index is not None:
            yield from _index_faults(name, signal.index)
        if signal.storage is not None and (fault := storage_fault(signal.storage)):
            yield f"the storage of {name}: {fault}"


def _map_faults(name: str, spec: MapSpec, manifest: Manifest) -> Iterator[str]:
    words = [word for cluster in spec.clusters for word in cluster]
    if name not in manifest.signals:
        yield f"it has a map of {name[:60]!r}, which is no signal of it"
    if len(spec.clusters) > MOST_CLUSTERS or len(words) > _MOST_WORDS:
        yield f"the map of {name} has {len(spec.clusters):,} clusters with {len(words):,} words: more than a map has"
    if any(len(word) > _LONGEST_WORD or not word.isprintable() for word in words):
        yield f"the map of {name} has a word that is over-long or holds what cannot be printed"
    if len(spec.settings) > _MOST_WORDS or max(map(len, (spec.of, spec.method, *spec.settings))) > _LONGEST_NAME:
        yield f"what the map of {name} says of itself is too long"


def _index_faults(name: str, index: Mapping[str, Any]) -> Iterator[str]:
    try:
        spec = msgspec.convert(index.get("spec"), IndexSpec)
        msgspec.convert(index.get("measured"), dict[str, int | float])
    except msgspec.ValidationError as error:
        yield f"the index of {name}: {error}"
        return
    sizes = (
        (spec.dim, _MOST_DIMENSIONS),
        (spec.m, 10_000),
        (spec.ef, _LARGEST_EF),
        (spec.ef_construction, _LARGEST_EF),
    )
    if spec.kind not in (GRAPH, *MILVUS_TYPES):
        yield f"the index of {name} is of the unknown kind {spec.kind[:60]!r}"
    counts = all(0 <= held <= _MOST_ROWS for held in (spec.count, spec.dead))
    if not counts or not all(1 <= size <= most for size, most in sizes):
        yield f"the index of {name} has sizes that no index has"


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_path(folder: Path, relative: str) -> Path:
    """A file inside the folder; BundleError where the name would lead out of it."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\\" in relative or "\0" in relative or not pure.parts:
        raise BundleError(f"{folder / MANIFEST} names the file {relative[:200]!r}, which is outside the bundle")
    return folder / pure


def named_file(folder: Path, relative: str, manifest: Manifest) -> Path:
    """A file of a bundle. Raises BundleError where the manifest does not name it."""
    if relative not in manifest.files:
        raise BundleError(f"{folder / MANIFEST} does not name {relative}; build the bundle again")
    return folder / relative
