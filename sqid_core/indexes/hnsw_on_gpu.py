"""HNSW's graph built on a GPU by cuVS (https://docs.rapids.ai/api/cuvs), which is imported only when it is used.

CAGRA makes the lowest level on the GPU, cuVS' hnswlib the levels above it on the processor (hierarchy "cpu"): so plain
hnswlib reads the file, on a machine without a GPU too. With hierarchy "none" it would not: such a file names an entry
on a level that it lacks, and hnswlib would follow that out of memory (`check_graph` refuses it).
"""

from __future__ import annotations

import importlib
import re
import tempfile
from pathlib import Path
from textwrap import shorten
from typing import Literal

import numpy as np

from ..errors import BundleError
from ..types import Bools, Vectors
from .hnsw import GRAPH, INDEX, HnswIndex
from .protocol import IndexSpec

CUVS: Literal["cuvs"] = "cuvs"
# The neighbours that CAGRA weighs for each one that it keeps, as cuVS' own defaults have it.
_WEIGHED = 2
_REASON = 160
_TOO_SMALL = re.compile(r"out.of.memory|bad_alloc|MemoryAllocation", re.IGNORECASE)
# What CUDA says, behind files and lines that are nobody's business.
_CUDA_REASON = re.compile(r"Reason=(?:\w+:)?(.*)")
# A Ctrl-C that cuVS caught.
_CANCELLED = "was cancelled"


class GpuFault(Exception):
    """Why no graph came of it, for a person."""


def build_on_gpu(
    vectors: Vectors, present: Bools, m: int = 24, ef_construction: int = 130, ef: int = 64, threads: int = -1
) -> HnswIndex:
    """An index over the present rows (N, D) of length 1, by their inner products; as good as hnswlib's only at an ef of
    its own, which the caller measures. Never the same bytes twice.

    threads: of the processor, for the upper levels; -1 for all cores. Raises GpuFault where cuVS, a GPU, or memory on
    it is missing, or what came out is no whole graph.
    """
    try:
        cagra, hnsw = (importlib.import_module(f"cuvs.neighbors.{name}") for name in ("cagra", "hnsw"))
    except (ImportError, OSError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name == CUVS:
            raise GpuFault("cuvs is not installed") from None
        raise GpuFault(f"cuvs cannot be imported: {_said(error)}") from None
    rows = np.flatnonzero(present).astype(np.int32)
    some = np.ascontiguousarray(vectors[rows], dtype=np.float32)
    # hnswlib's lowest level has twice the links of the others.
    flat = {"metric": "inner_product", "graph_degree": 2 * m, "intermediate_graph_degree": 2 * m * _WEIGHED}
    upper = {"hierarchy": "cpu", "ef_construction": ef_construction, "num_threads": max(threads, 0)}
    spec = IndexSpec(GRAPH, some.shape[1], len(rows), m, ef_construction, ef, by=CUVS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / INDEX
        try:
            graph = hnsw.from_cagra(hnsw.IndexParams(**upper), cagra.build(cagra.IndexParams(**flat), some))
            hnsw.save(str(path), graph)
            # A label is a row of `some`.
            return HnswIndex.load(path, spec, None if present.all() else rows, len(vectors))
        except BundleError:
            raise GpuFault("cuvs wrote no graph that hnswlib reads") from None
        except Exception as error:  # cuVS raises types of its own, CUDA's and Python's
            if _CANCELLED in str(error):
                raise KeyboardInterrupt from None
            if _TOO_SMALL.search(str(error)):
                size = f"{len(rows):,} vectors of {spec.dim} dimensions"
                raise GpuFault(f"the GPU's memory is too small for {size}") from None
            raise GpuFault(f"cuvs built no graph: {_said(error)}") from None


def _said(error: Exception) -> str:
    text = str(error)
    found = _CUDA_REASON.search(text)
    return shorten(found[1] if found else text.partition("\n")[0], _REASON, placeholder=" ...")
