"""A package named cuvs for machines without a GPU: cuVS' own calls (26.10), with hnswlib behind them.

What it is given it checks as cuVS does: keywords alone, float32 in rows, a file name that is text. Its graph is one
that cuVS may make: labels are places of the vectors, but not in their order in the file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

CAGRA = """
import numpy as np

class IndexParams:
    def __init__(self, *, metric="sqeuclidean", intermediate_graph_degree=128, graph_degree=64, build_algo="ivf_pq"):
        assert metric == "inner_product" and intermediate_graph_degree >= graph_degree
        self.graph_degree = graph_degree

class Index:
    def __init__(self, dataset, degree):
        self.dataset, self.degree = dataset, degree

def build(index_params, dataset, resources=None):
    assert dataset.dtype == np.float32 and dataset.flags.c_contiguous and type(dataset) is np.ndarray
    FAULT
    return Index(dataset, index_params.graph_degree)
"""

HNSW = """
import hnswlib, numpy as np, struct

class IndexParams:
    def __init__(self, *, hierarchy="gpu", ef_construction=200, num_threads=0, M=32, metric="sqeuclidean"):
        self.hierarchy, self.care = hierarchy, ef_construction
        assert num_threads >= 0

def from_cagra(index_params, cagra_index, temporary_index_path=None, resources=None):
    assert index_params.hierarchy == "cpu"
    count, dim = cagra_index.dataset.shape
    graph = hnswlib.Index(space="ip", dim=dim)
    graph.init_index(count, M=(cagra_index.degree + 1) // 2, ef_construction=CARE, random_seed=1)
    order = np.random.default_rng(0).permutation(count)
    graph.add_items(cagra_index.dataset[order], order, num_threads=1)
    return graph

def save(filename, index, resources=None):
    filename.encode("utf-8")
    index.save_index(filename)
    FLAT
"""

# What cuVS writes with hierarchy "none": no level but the lowest, and an entry in the middle, said to be on another.
FLAT = """
    body = bytearray(open(filename, "rb").read())
    count, row = struct.unpack_from("<16xQQ", body)
    struct.pack_into("<iI", body, 48, 1, count // 2)
    open(filename, "wb").write(body[: 96 + count * row] + bytes(4 * count))
"""
_CUDA = "CUDA error encountered at: file=/a/b.hpp line=158: call='cudaMalloc', Reason="
FAULTS = {
    "out of memory": f'raise RuntimeError("{_CUDA}cudaErrorMemoryAllocation:out of memory\\n#1 in /lib/x.so")',
    "no driver": f'raise RuntimeError("{_CUDA}cudaErrorInsufficientDriver:CUDA driver version is insufficient\\n#1")',
    "interrupted": 'raise RuntimeError("The work in this thread was cancelled.")',
}
IMPORTS = {
    "broken": 'raise ImportError("libcudart.so.13: cannot open shared object file")',
    "absent": "raise ModuleNotFoundError(\"No module named 'cuvs'\", name='cuvs')",
}


def write_cuvs(folder: Path, fault: str = "") -> Path:
    """The package in a folder that is to stand on sys.path, which it returns. fault: one of FAULTS or IMPORTS, "flat"
    for a file that only cuVS reads, or "poor" for a graph that finds little."""
    place = folder / "cuvs" / "neighbors"
    place.mkdir(parents=True)
    (folder / "cuvs" / "__init__.py").write_text(IMPORTS.get(fault, ""))
    (place / "__init__.py").write_text("")
    (place / "cagra.py").write_text(CAGRA.replace("FAULT", FAULTS.get(fault, "")))
    flat = FLAT.strip() if fault == "flat" else ""
    care = "1" if fault == "poor" else "index_params.care"
    (place / "hnsw.py").write_text(HNSW.replace("FLAT", flat).replace("CARE", care))
    return folder


def install_cuvs(patch: pytest.MonkeyPatch, folder: Path, fault: str = "") -> None:
    """Puts it where an installed cuvs would be, in this process, as long as the patch lasts."""
    patch.syspath_prepend(write_cuvs(folder, fault))
    for name in ("cuvs", "cuvs.neighbors", "cuvs.neighbors.cagra", "cuvs.neighbors.hnsw"):
        patch.setitem(sys.modules, name, None)
        del sys.modules[name]
