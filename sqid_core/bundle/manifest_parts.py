"""What is left of a manifest when a part of its bundle changes: what no longer fits is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from ..indexes.hnsw import INDEX, LABEL_ROWS
from .manifest import Manifest
from .signal_kinds import kind_of
from .stored_slates import SLATES

# An index can go without its signal, and so can its stored scores.
INDEX_FILES = (INDEX, LABEL_ROWS)


def without_files(manifest: Manifest, changed: AbstractSet[str]) -> Manifest:
    """The manifest of what does not depend on the changed files."""
    indexes = {file for file in changed if file.rpartition("/")[2] in INDEX_FILES}
    slates = {file for file in changed if file.rpartition("/")[2].startswith(SLATES)}
    folders = {file.rpartition("/")[0] for file in changed - indexes - slates}
    encoders = {name: spec for name, spec in manifest.encoders.items() if f"encoders/{name}" not in folders}
    signals = {
        name: replace(spec, index=None) if any(f"signals/{name}/{file}" in indexes for file in INDEX_FILES) else spec
        for name, spec in manifest.signals.items()
        if not {f"signals/{name}", f"signals/{spec.of}"} & folders and (not spec.encoder or spec.encoder in encoders)
    }
    files = {file: digest for file, digest in manifest.files.items() if file not in changed}
    return with_true_maps(replace(manifest, encoders=encoders, signals=signals, files=files))


def vectors_digest(manifest: Manifest, signal: str) -> str:
    """A hash of the vectors of a signal and of its encoder's queries; "" where it has none of its own."""
    encoder = manifest.signals[signal].encoder if signal in manifest.signals else ""
    names = f"signals/{signal}/products.npy", f"signals/{signal}/present.npy", f"encoders/{encoder}/queries.npy"
    if not all(name in manifest.files for name in names):
        return ""
    return hashlib.sha256("".join(manifest.files[name] for name in names).encode()).hexdigest()


def map_files(signal: str) -> dict[str, str]:
    """The files of a signal's map in the bundle: where its products lie, its queries, the clusters of the products."""
    return {name: f"maps/{signal}/{name}.npy" for name in ("products", "queries", "clusters")}


def with_true_maps(manifest: Manifest) -> Manifest:
    """The manifest less the maps whose signal has other vectors now, or that lack a file."""
    true = {
        name: spec
        for name, spec in manifest.maps.items()
        if spec.of == vectors_digest(manifest, name)
        and all(file in manifest.files for file in map_files(name).values())
    }
    kept = {file for name in true for file in map_files(name).values()}
    files = {file: sha for file, sha in manifest.files.items() if not file.startswith("maps/") or file in kept}
    return replace(manifest, maps=true, files=files)


def without_scores(manifest: Manifest) -> Manifest:
    """The manifest for other judgements: scores of run files are stored in the layout of the old ones."""
    bound = tuple(f"signals/{name}/" for name, spec in manifest.signals.items() if kind_of(name, spec).of_judgements)
    gone = {file for file in manifest.files if file.startswith(bound) or f"/{SLATES}" in file}
    return without_files(manifest, gone)


def without_measurements(manifest: Manifest) -> Manifest:
    """The manifest for other judgements or gains: indexes stay, but were measured on the old ones."""
    signals = {
        name: replace(spec, index={**spec.index, "measured": {}}) if spec.index else spec
        for name, spec in manifest.signals.items()
    }
    return replace(manifest, signals=signals)


def with_what_fits(new: Manifest, before: Manifest | None, digests: Mapping[str, str]) -> Manifest:
    """The manifest of new tables, whose digests these are by name, with what fits of the one before: always who may see
    the bundle; signals, encoders and maps where products and queries are the same, less what other judgements or
    another scale change."""
    if before is None:
        return new
    new = replace(new, visible_to=before.visible_to)
    if any(before.files.get(table) != digests[table] for table in ("products.parquet", "queries.parquet")):
        return new
    same_pairs = before.files.get("judgements.parquet") == digests["judgements.parquet"]
    kept = before if same_pairs else without_scores(before)
    kept = kept if same_pairs and before.label_scale == new.label_scale else without_measurements(kept)
    return replace(new, encoders=kept.encoders, signals=kept.signals, maps=kept.maps, files=kept.files)
