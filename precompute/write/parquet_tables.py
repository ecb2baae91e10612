"""Parquet tables, and the same as a data set of a hub with its card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.write.exported import Taken, Written, write_table
from sqid_core.types import Vectors
from sqid_core.wording import numbered

# Rows of vectors that are in memory at a time.
_BLOCK = 8192


def write_parquet(taken: Taken, folder: Path) -> Written:
    """products, queries, judgements; scores and vectors a file a signal; folds."""
    _write_all(taken, folder)
    return Written(
        "--products products.parquet --queries queries.parquet --judgements judgements.parquet "
        f'--labels "{taken.scale}"'
    )


def _write_all(taken: Taken, folder: Path) -> list[str]:
    """Writes all tables, and gives their names without the ending, products first."""
    tables: dict[str, pd.DataFrame | pa.Table] = {
        "products": taken.products,
        "queries": taken.queries,
        "judgements": taken.judgements,
    }
    pairs = taken.pairs[["query_id", "product_id"]]
    for name, scores in taken.scores.items():
        known = np.isfinite(scores)
        tables[f"scores/{name}"] = pairs[known].assign(score=scores[known])
    if (folds := taken.folds) is not None:
        tables["folds"] = taken.dataset.queries[["query_id"]].assign(fold=folds)
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    return [*tables, *_write_vectors(taken, folder)]


def _write_vectors(taken: Taken, folder: Path) -> Iterator[str]:
    products, queries = (frame[key].to_numpy() for frame, key in _keys(taken))
    for name, signal in taken.vectors.items():
        yield _write_rows(folder, f"vectors/{name}-products", "product_id", products, signal.products, signal.present)
        whole = np.ones(len(queries), dtype=bool)
        yield _write_rows(folder, f"vectors/{name}-queries", "query_id", queries, signal.queries, whole)


def _keys(taken: Taken) -> tuple[tuple[pd.DataFrame, str], tuple[pd.DataFrame, str]]:
    return (taken.dataset.products, "product_id"), (taken.dataset.queries, "query_id")


def _write_rows(folder: Path, name: str, key: str, ids: np.ndarray, vectors: Vectors, present: np.ndarray) -> str:
    """A row a vector, of those that are there, some at a time."""
    path = folder / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    dim = vectors.shape[1]
    schema = pa.schema([(key, pa.string()), ("vector", pa.list_(pa.float32(), dim))])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in np.array_split(np.flatnonzero(present), max(1, -(-int(present.sum()) // _BLOCK))):
            flat = pa.array(np.ascontiguousarray(vectors[rows], dtype=np.float32).ravel())
            columns = [pa.array(ids[rows], pa.string()), pa.FixedSizeListArray.from_arrays(flat, dim)]
            writer.write_table(pa.table(columns, schema=schema))
    return name


def write_hub(taken: Taken, folder: Path) -> Written:
    """The same tables with a card, ready to be uploaded. No picture is among them: whose they are no bundle knows."""
    written = _write_all(taken, folder / "data")
    (folder / "README.md").write_text(_card(taken, written), encoding="utf-8")
    return Written(
        "--products data/products.parquet --queries data/queries.parquet --judgements data/judgements.parquet "
        f'--labels "{taken.scale}"',
        ("pictures are not among the files: whoever holds their rights may add them",),
    )


def _card(taken: Taken, written: list[str]) -> str:
    """What a hub shows. Its head is YAML, of which JSON is a part: nothing in a bundle's words can leave its place."""
    dataset, about = taken.dataset, taken.dataset.manifest.about
    title = about.get("title") or dataset.name
    configs = [{"config_name": name.replace("/", "-"), "data_files": f"data/{name}.parquet"} for name in written]
    head = {
        "pretty_name": title,
        "license": "other",
        "license_name": about.get("licence") or "unknown",
        "task_categories": ["text-retrieval"],
        "tags": ["product-search", "relevance-judgements", "sqid-explorer"],
        "configs": configs,
    }
    labels = zip(dataset.scale.names, dataset.scale.gains(taken.gains), strict=True)
    told = [f"{key}: {_plain(about[key])}" for key in ("description", "licence", "source") if about.get(key)]
    lines = [
        "---",
        *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()),
        "---",
        "",
        f"# {_plain(title)}",
        "",
        *(f"{line}\n" for line in told),
        f"{numbered(len(dataset.products), 'products')}, {numbered(len(dataset.queries), 'queries')}, "
        f"{numbered(len(taken.pairs), 'judged pairs')}.",
        "",
        f"Labels and gains ({taken.gains}): " + ", ".join(f"{_plain(name)} {gain:g}" for name, gain in labels) + ".",
        "",
        f"Exported from the bundle {_plain(dataset.name)}, fingerprint `{dataset.fingerprint}`, without pictures.",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A text in one line, without what Markdown or HTML would act on."""
    return re.sub(r"[\\`*_\[\]<>#|]", r"\\\g<0>", " ".join(text.split()))
