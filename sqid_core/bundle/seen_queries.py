"""Which queries a fine-tuned model learned from: a list that lies among its files, and goes wherever they go.

Queries are known by their text, case and spaces folded, as folds group them: what ranks a query that its model saw is
in-sample, in whatever bundle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from ..errors import BundleError
from ..types import Bools
from ..wording import folded
from .manifest import Manifest, safe_path
from .plain_files import regular_bytes, told

SEEN_QUERIES = "seen_queries.json"
_LARGEST = 256_000_000


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    queries: list[str]


def seen_json(texts: Iterable[str]) -> str:
    """The list as a model's folder has it: the same for the same queries."""
    found = sorted(set(map(folded, texts)) - {""})
    return json.dumps({"queries": found}, indent=1, ensure_ascii=False) + "\n"


def seen_in(model: Path) -> frozenset[str]:
    """The folded texts that the model in a folder learned from; none where it has no such list. Raises BundleError."""
    path = model / SEEN_QUERIES
    if not path.is_file():
        return frozenset()
    try:
        found = msgspec.json.decode(regular_bytes(path, _LARGEST), type=_Stored)
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{path} is no list of the queries that a model learned from ({told(error)})") from None
    return frozenset(map(folded, found.queries))


def seen_by(folder: Path, place: str, manifest: Manifest, queries: Sequence[str]) -> Bools | None:
    """(Q,) which of a bundle's queries the model in one of its folders learned from; None where it says of none.

    Raises BundleError.
    """
    if f"{place}/{SEEN_QUERIES}" not in manifest.files:
        return None
    return seen_mask(seen_in(safe_path(folder, place)), queries)


def seen_mask(seen: Collection[str], queries: Iterable[str]) -> Bools | None:
    """(Q,) which queries are among folded texts; None where none is."""
    found = np.array([folded(text) in seen for text in queries], dtype=bool)
    found.flags.writeable = False
    return found if found.any() else None
