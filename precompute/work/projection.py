"""Vectors in few dimensions: principal components of arrays that are larger than memory should hold, UMAP of those, and
clusters. Every function gives the same for the same vectors and seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sqid_core.extras import needs
from sqid_core.types import Bools, Labels, Positions, Vectors

EXTRA = "interop"
# Rows at a time: 25 MB at 768 dimensions.
_BLOCK = 8192
# More clusters than have colours and words of their own in a picture say nothing.
_MOST_CLUSTERS = 24


@dataclass(frozen=True, eq=False)
class Components:
    """The first principal components. mean: (D,). axes: (D, d), orthonormal, the one of most variance first; each
    points to where its largest entry is positive, so that the same vectors give the same picture."""

    mean: Vectors = field(repr=False)
    axes: Vectors = field(repr=False)

    def __call__(self, vectors: Vectors) -> Vectors:
        """(n, d) what is left of vectors (n, D)."""
        found = np.empty((len(vectors), self.axes.shape[1]), dtype=np.float32)
        for start in range(0, len(vectors), _BLOCK):
            block = slice(start, start + _BLOCK)
            found[block] = (vectors[block] - self.mean) @ self.axes
        return found


def principal_components(vectors: Vectors, present: Bools, dimensions: int) -> Components:
    """The components (at most D) of the rows that are present, from their covariance: a block of rows at a time."""
    count, width = int(present.sum()), vectors.shape[1]
    total, products = np.zeros(width), np.zeros((width, width))
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK][present[start : start + _BLOCK]]
        total += block.sum(axis=0, dtype=np.float64)
        products += block.T @ block
    mean = total / max(count, 1)
    _, axes = np.linalg.eigh(products / max(count, 1) - np.outer(mean, mean))
    axes = axes[:, ::-1][:, : min(dimensions, width)]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return Components(mean.astype(np.float32), (axes * signs).astype(np.float32))


def umap_places(
    products: Vectors, queries: Vectors, neighbours: int, min_dist: float, seed: int
) -> tuple[Vectors, Vectors]:
    """(n, 2) places of products by UMAP (McInnes, Healy, Melville 2018) and (q, 2) of queries, which are put among
    them afterwards: an encoder's queries lie apart from its pictures, and would become an island of their own.

    products: (n, d), queries: (q, d). It begins with the principal components, which keeps what is far apart far apart
    (Kobak and Linderman 2021). One thread: only then the seed decides all. Raises InputError without umap-learn.
    """
    umap = needs(EXTRA, "umap")
    made = umap.UMAP(
        n_neighbors=neighbours, min_dist=min_dist, init="pca", random_state=seed, transform_seed=seed, n_jobs=1
    )
    places = np.asarray(made.fit_transform(products), dtype=np.float32)
    found = made.transform(queries) if len(queries) else np.empty((0, 2))
    return places, np.asarray(found, dtype=np.float32)


def clusters_of(vectors: Vectors, seed: int) -> Labels:
    """(n,) int8 the cluster of each vector by k-means, the largest cluster first; about √n / 4 of them, 24 at most.

    Raises InputError without scikit-learn.
    """
    if len(vectors) < 2 or not np.ptp(vectors, axis=0).any():
        return np.zeros(len(vectors), dtype=np.int8)
    distinct = len(np.unique(vectors, axis=0))
    wanted = min(max(2, round(len(vectors) ** 0.5 / 4)), _MOST_CLUSTERS, distinct)
    means = needs(EXTRA, "sklearn.cluster").KMeans(wanted, n_init=2, random_state=seed)
    with needs(EXTRA, "threadpoolctl").threadpool_limits(1):  # threads add up in any order
        found: Positions = means.fit_predict(vectors)
    order = np.argsort(-np.bincount(found, minlength=wanted), kind="stable")
    return np.argsort(order, kind="stable")[found].astype(np.int8)
