"""Drawn lessons for adapters: queries and products as unit vectors, and labels that know both, or nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sqid_core.bundle.adapted_signal import Adapter
from sqid_core.learning.adapters import Lessons, Training, fit, fitted, ndcgs

QUICK = Training(rank=4, rounds=8, batch=8, rate=1e-2)


def drawn_lessons(seed: int, queries: int = 80, depth: int = 10, dim: int = 16, folds: int = 4) -> Lessons:
    """Labels that a fixed turn of the queries would rank by: an adapter can find it, the encoder does not know it."""
    rng = np.random.default_rng(seed)
    asked, products = (_units(rng, count, dim) for count in (queries, queries * depth))
    turn = np.linalg.qr(rng.standard_normal((dim, dim)))[0][:4]
    meant = asked + 2 * asked @ turn.T @ np.roll(turn, 1, axis=0)
    rows = np.arange(queries * depth).reshape(queries, depth)
    fits = np.einsum("qcd,qd->qc", products[rows], meant) + 0.1 * rng.standard_normal((queries, depth))
    gains = np.array([1.0, 0.1, 0.01, *[0.0] * (depth - 3)])[np.argsort(np.argsort(-fits, axis=1), axis=1)]
    there = np.ones((queries, depth), dtype=bool)
    return Lessons(asked, products, rows, there, there, gains, (np.arange(queries) % folds).astype(np.int8))


def permuted(taught: Lessons, seed: int) -> Lessons:
    """The same with the labels of each slate in another order: there is nothing to learn."""
    return replace(taught, gains=np.random.default_rng(seed).permuted(taught.gains, axis=1))


def out_of_fold_gain(taught: Lessons, seed: int, training: Training = QUICK, leaking: bool = False) -> float:
    """The mean NDCG that adapters add out-of-fold. leaking: each query by one that saw it, after the last round."""
    everything = np.arange(len(taught.queries))
    before = ndcgs(taught, nothing(taught), everything)
    if leaking:
        *_, last = fitted(taught, everything, training, (seed,))
        return float(np.nanmean(ndcgs(taught, last, everything) - before))
    found, after = fit(taught, training, seed), np.empty(len(everything))
    for fold, adapter in enumerate(found.folds):
        held_out = np.flatnonzero(taught.folds == fold)
        after[held_out] = ndcgs(taught, adapter, held_out)
    return float(np.nanmean(after - before))


def nothing(taught: Lessons) -> Adapter:
    """The adapter that changes nothing."""
    dim = taught.queries.shape[1]
    return Adapter(np.zeros((1, dim), np.float32), np.zeros((dim, 1), np.float32))


def _units(rng: np.random.Generator, count: int, dim: int) -> np.ndarray:
    vectors = rng.standard_normal((count, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
