"""A receipt of a run on the real files: inputs, commit, versions, every published figure beside ours, seconds."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from precompute.fetch.files import Fetched
from precompute.report.against_published import Compared
from sqid_core.bundle.files_on_disk import replace_text
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import sha256
from sqid_core.errors import InputError
from sqid_core.evaluation import published

FORMAT = "sqid-receipt/1"
# What numbers could depend on.
_LIBRARIES = ("sqid-explorer", "numpy", "pandas", "pyarrow", "hnswlib", "torch", "sentence-transformers")


@dataclass(frozen=True, eq=False)
class Ran:
    """What a receipt is of. seconds: by step. dataset: the bundle. rows: the published ones that it was held to."""

    fetched: Fetched
    seconds: Mapping[str, float]
    dataset: Dataset
    rows: Sequence[Compared] = field(repr=False)


def receipt(ran: Ran) -> dict[str, Any]:
    """Plain values. Of each published row `ours` is null where this bundle lacks its signals, or is not all of SQID."""
    manifest = ran.dataset.manifest
    found = {id(row.line): row for row in ran.rows}
    rows = []
    for line in published.PUBLISHED:
        row = found.get(id(line))
        told: dict[str, Any] = {"title": line.title, "method": line.method, "signals": list(line.signals)}
        told |= {"image_weight": line.image_weight, "published": line.by_source()}
        rows.append(told | ({"ours": None, "agrees": None} if row is None else _ours(row)))
    return {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        **_commit(),
        "versions": {"python": platform.python_version(), **dict(_versions())},
        "machine": {"system": platform.platform(terse=True), "kind": platform.machine(), "cores": os.cpu_count()},
        "seconds": {step: round(seconds, 1) for step, seconds in ran.seconds.items()},
        "inputs": [
            {"name": name, "file": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
            for name, path in sorted(ran.fetched.paths.items())
        ],
        "missing": dict(ran.fetched.missing),
        "bundle": {"fingerprint": manifest.fingerprint, **manifest.counts},
        "whole": published.is_full_sqid(manifest),
        "tolerance": published.TOLERANCE,
        "rows": rows,
    }


def write_receipt(folder: Path, found: Mapping[str, Any]) -> Path:
    """Writes it under a name of its day and commit; gives the path. Raises InputError."""
    commit = str(found["commit"])[:8] or "unknown"
    path = folder / f"sqid-{found['made'][:10]}-{commit}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    replace_text(path, json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def _commit() -> dict[str, Any]:
    """The commit that runs, and whether its files are as they were committed; "" and null outside of a checkout."""
    commit, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    return {"commit": commit or "", "clean": None if not commit or changed is None else not changed}


def _git(*words: str) -> str | None:
    try:
        ran = subprocess.run(
            ["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout.strip()


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _ours(row: Compared) -> dict[str, Any]:
    return {"ours": None if np.isnan(row.ours) else row.ours, "agrees": row.agrees}
