"""SQID's feature files as unit vectors in a bundle's row order. Streams: the real product file has 915 MB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from precompute.read.raw_files import read_batches, row_count, text
from precompute.work.progress import Counter, Progress, quiet
from sqid_core.encoders.families import EncoderSpec
from sqid_core.errors import InputError

_ROWS_A_BATCH = 4096

# What made SQID's features (arXiv 2405.15190): OpenAI's CLIP, which needs QuickGELU, with its own preprocessing.
SQID_CLIP = EncoderSpec(
    name="ViT-L-14-quickgelu-openai",
    family="open_clip",
    model="ViT-L-14-quickgelu",
    pretrained="openai",
    dim=768,
    preprocessing=("224x224 bicubic shortest mean=0.481455,0.457827,0.408211 std=0.26863,0.261303,0.275777"),
)


@dataclass(frozen=True, eq=False)
class Features:
    """One column of a feature file, by bundle row. vectors: (N, D) unit rows, zero where missing. present: (N,)."""

    vectors: npt.NDArray[np.float32] = field(repr=False)
    present: npt.NDArray[np.bool_] = field(repr=False)

    @classmethod
    def empty(cls, count: int, dim: int) -> Features:
        """All missing."""
        return cls(np.zeros((count, dim), dtype=np.float32), np.zeros(count, dtype=bool))


def read_features(
    path: Path, id_column: str, columns: Sequence[str], ids: Sequence[str], dim: int, progress: Progress = quiet
) -> dict[str, Features]:
    """The vectors of `ids`, normalised, one `Features` a column. Other ids in the file are left out.

    A vector that is null, all nan or all zero is missing. Raises InputError for another width, a nan or infinity inside
    a vector, an id that occurs twice, or a file without a vector for any of the ids.
    """
    found = {column: Features.empty(len(ids), dim) for column in columns}
    index, seen = pd.Index(ids), np.zeros(len(ids), dtype=bool)
    with Counter(progress, f"reading {path.name}", row_count(path) or len(ids), "rows") as counter:
        for batch in read_batches(path, (id_column, *columns), rows=_ROWS_A_BATCH):
            names = text(batch.column(id_column), path, id_column, whole_numbers=id_column == "query_id").to_pandas()
            rows = index.get_indexer(names)
            _note_seen(seen, rows, names, path)
            for column in columns:
                _fill(found[column], rows, names, batch.column(column), f"the column {column} of {path}")
            counter.advance(len(batch))
    if not any(features.present.any() for features in found.values()):
        raise InputError(f"{path} has no vector for any of the {len(ids):,} ids that are wanted; is it of this data?")
    return found


def _note_seen(seen: npt.NDArray[np.bool_], rows: npt.NDArray[np.integer], names: pd.Series, path: Path) -> None:
    known = rows >= 0
    twice = known & (seen[rows] | pd.Series(rows).duplicated().to_numpy())
    if twice.any():
        raise InputError(f"{path} has vectors for {names.iloc[int(np.argmax(twice))]} twice; keep one row an id")
    seen[rows[known]] = True


def _fill(found: Features, rows: npt.NDArray[np.integer], names: pd.Series, column: Any, what: str) -> None:
    """Puts the vectors of one batch into their rows."""
    wanted = (rows >= 0) & column.is_valid().to_numpy(zero_copy_only=False)
    vectors = _matrix(column.filter(pa.array(wanted)), found.vectors.shape[1], what)
    rows, names = rows[wanted], names[wanted]
    missing = np.isnan(vectors).all(axis=1) | (vectors == 0).all(axis=1)
    broken = ~np.isfinite(vectors).all(axis=1) & ~missing
    if broken.any():
        raise InputError(
            f"the vector of {names.iloc[int(np.argmax(broken))]} in {what} holds a nan or an infinity; "
            "make it whole or null"
        )
    there = ~missing
    norms = np.linalg.norm(vectors[there].astype(np.float64), axis=1, keepdims=True)
    found.vectors[rows[there]] = vectors[there] / norms
    found.present[rows[there]] = True


def _matrix(lists: Any, dim: int, what: str) -> npt.NDArray[np.float32]:
    """Valid lists of numbers as (n, dim); null numbers become nan."""
    kind = lists.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if not (is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))):
        raise InputError(f"{what} holds {kind} values; expected lists of {dim} numbers, which only Parquet files have")
    widths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    if (widths != dim).any():
        raise InputError(f"{what} has vectors of {int(widths[widths != dim][0])} numbers, expected {dim}")
    return lists.flatten().cast(pa.float32()).to_numpy(zero_copy_only=False).reshape(-1, dim)
