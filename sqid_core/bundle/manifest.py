"""A bundle's manifest: what the bundle holds, and the hash of every file of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ..encoders.families import check_family
from ..encoders.spec import EncoderSpec
from ..errors import BundleError, EncoderError, NewerBundleError
from ..types import Modality
from .labels import LabelScale
from .signals import usual_kind

FORMAT_VERSION = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class SignalSpec:
    """One signal of a bundle. encoder: what made its vectors; "" where it has none. text_fields: the product columns
    that were encoded. index: the spec of its HNSW graph and what was measured on it, None where there is none. kind: a
    name in SIGNAL_KINDS; where none is given, vectors for a signal with an encoder and a run file's scores for others.
    """

    modality: Modality
    encoder: str
    text_fields: tuple[str, ...] = ()
    index: Mapping[str, Any] | None = None
    kind: str = ""

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", usual_kind(self.encoder))

    def to_json(self) -> dict[str, Any]:
        """The fields; not the kind where it is the usual one, so that older bundles keep their fingerprint."""
        usual = self.kind == usual_kind(self.encoder)
        return {name: value for name, value in asdict(self).items() if not (usual and name == "kind")}


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds. No time, no path: equal inputs give equal bytes.

    about: title, description, licence, source, ... as text. files: sha256 of every file but the pictures, which have a
    table of their own (images.parquet).
    """

    name: str
    label_scale: LabelScale
    counts: Mapping[str, int]
    about: Mapping[str, str] = field(default_factory=dict)
    encoders: Mapping[str, EncoderSpec] = field(default_factory=dict)
    signals: Mapping[str, SignalSpec] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lacking = [table for table in ("products", "queries", "judgements") if table not in self.counts]
        if lacking:
            raise ValueError(f"counts lack {', '.join(lacking)}")

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all the rest: equal for equal bundles."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()[:16]

    def _content(self) -> dict[str, Any]:
        return {
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
        return self._content() | {"fingerprint": self.fingerprint}

    @classmethod
    def from_json(cls, data: Any) -> Manifest:
        """The manifest that `to_json` wrote. Raises ValueError, which says where in the data what else was expected."""
        try:
            manifest = msgspec.convert(data, cls)
            for spec in manifest.encoders.values():
                check_family(spec)
        except (msgspec.ValidationError, EncoderError) as error:
            raise ValueError(str(error)) from None
        return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle, without its data. Raises BundleError."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(
            f"{folder} has no {MANIFEST}, so it is no finished bundle; run the precompute command that makes it again"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{path} cannot be read ({error}); build the bundle again") from None
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
        raise BundleError(f"{path} is not a bundle's manifest ({error}); build the bundle again") from None
    return manifest


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_path(folder: Path, relative: str) -> Path:
    """A file inside the folder; BundleError where the name would lead out of it."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\\" in relative or not pure.parts:
        raise BundleError(f"{folder / MANIFEST} names the file {relative!r}, which is outside the bundle")
    return folder / pure


def named_file(folder: Path, relative: str, manifest: Manifest) -> Path:
    """A file of a bundle. Raises BundleError where the manifest does not name it."""
    if relative not in manifest.files:
        raise BundleError(f"{folder / MANIFEST} does not name {relative}; build the bundle again")
    return folder / relative
