"""Low-rank adapters on query vectors, fitted listwise to labels; the products' vectors stay as they are.

How long to learn is decided on inner folds: for every two folds an adapter is fitted without both, and after each round
it is measured on both. What it does on the one says how long to learn where the other is held out, so no query has a
say in what it is scored by. Before the first round it is the zero adapter: where nothing is better, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

import numpy as np

from ..bundle.adapted_signal import NO_FOLD, Adapter
from ..bundle.judgements import Judgements
from ..bundle.signals import DenseSignal
from ..evaluation.metrics import ndcg
from ..ranking.ranks import ordered
from ..types import Array, Bools, Floats, Labels, Positions, Rows, Vectors
from .listwise import loss, reproducible

FEWEST_FOLDS, MOST_FOLDS = 3, 10
# Pairs scored at a time: their vectors stay in the cache.
_BLOCK_PAIRS = 8192


@dataclass(frozen=True)
class Training:
    """How an adapter is fitted. rounds: the most. batch: slates at a time. longest: a round is a pass over all queries,
    or over so many, drawn anew. rate: Adam's. start: the deviation of the numbers in `down` before the first step; `up`
    is 0, so that the adapter changes nothing then."""

    rank: int = 16
    rounds: int = 20
    batch: int = 32
    longest: int = 2048
    rate: float = 1e-3
    start: float = 0.05


@dataclass(frozen=True, eq=False)
class Lessons:
    """Queries with labelled products that have vectors. queries: (Q, D) and products: (N, D) unit rows. rows: (Q, C)
    of the products, 0 at padding. mask, known: (Q, C) what was judged, and what of it has a vector. gains: (Q, C), 0 at
    padding. folds: (Q,) from 0, NO_FOLD for a query that nothing is learned from."""

    queries: Vectors = field(repr=False)
    products: Vectors = field(repr=False)
    rows: Rows = field(repr=False)
    mask: Bools = field(repr=False)
    known: Bools = field(repr=False)
    gains: Floats = field(repr=False)
    folds: Labels = field(repr=False)

    @property
    def shares(self) -> Floats:
        """(Q, C) each product's share of the gains in its slate; 0 in a slate that teaches no order."""
        worth = np.where(self.known, self.gains, 0.0)
        worth[~self.teaches] = 0.0
        total = worth.sum(axis=1, keepdims=True)
        return np.asarray(worth / np.where(total > 0, total, 1.0))

    @property
    def teaches(self) -> Bools:
        """(Q,) which slates hold products of different worth that have vectors."""
        highest = np.where(self.known, self.gains, -np.inf).max(axis=1, initial=-np.inf)
        return np.asarray(highest > np.where(self.known, self.gains, np.inf).min(axis=1, initial=np.inf))

    @property
    def fold_count(self) -> int:
        """How many folds there are."""
        return int(self.folds.max(initial=NO_FOLD)) + 1

    def without(self, *held_out: int) -> Positions:
        """The queries to learn from where some folds are held out."""
        return np.flatnonzero(self.teaches & (self.folds != NO_FOLD) & ~np.isin(self.folds, held_out))


def lessons(signal: DenseSignal, judgements: Judgements, gains: Floats, folds: Labels) -> Lessons:
    """What a signal's queries can learn from a bundle's labels. gains: (Q, C). folds: (Q,)."""
    mask = judgements.mask
    rows = np.where(mask, judgements.rows, 0)
    return Lessons(signal.queries, signal.products, rows, mask, signal.knows(judgements), gains, folds)


def fitted(taught: Lessons, queries: Positions, training: Training, seed: Sequence[int]) -> Iterator[Adapter]:
    """The adapter after each round over some queries. seed: numbers that decide all that is drawn."""
    import torch

    rng = np.random.default_rng(seed)
    dim = taught.queries.shape[1]
    shares, spread = taught.shares.astype(np.float32), _spread(taught, queries)
    lengths = taught.mask.sum(axis=1)
    down = torch.tensor(training.start * rng.standard_normal((training.rank, dim)), dtype=torch.float32)
    up = torch.zeros(dim, training.rank)
    for matrix in (down, up):
        matrix.requires_grad_()
    optimizer = torch.optim.Adam([down, up], lr=training.rate)
    for _ in range(training.rounds):
        for places in _batches(rng.permutation(queries)[: training.longest], training.batch):
            width = int(lengths[places].max())
            products = torch.from_numpy(taught.products[taught.rows[places, :width]])
            asked = torch.tensor(taught.queries[places])
            turned = torch.nn.functional.normalize(asked + asked @ down.T @ up.T, dim=1)
            scores = torch.bmm(products, turned[:, :, None])[:, :, 0] / spread
            target, known = (torch.from_numpy(each[places, :width]) for each in (shares, taught.known))
            optimizer.zero_grad()
            loss(scores, target, known).backward()
            optimizer.step()
        yield Adapter(down.detach().numpy().copy(), up.detach().numpy().copy())


def _batches(queries: Positions, size: int) -> Iterator[Positions]:
    yield from (queries[start : start + size] for start in range(0, len(queries), size))


def _spread(taught: Lessons, queries: Positions) -> float:
    """The mean standard deviation of the cosines in a slate: in these units scores of any encoder are alike."""
    cosines = scores_of(taught, taught.queries[queries], queries)
    some = np.isfinite(cosines).sum(axis=1) > 1
    found = float(np.nanstd(cosines[some], axis=1).mean()) if some.any() else 0.0
    return max(found, 1e-3)


def scores_of(taught: Lessons, vectors: Vectors, queries: Positions) -> Floats:
    """(q, C) the cosines of some queries' slates; nan where a product has no vector. vectors: (q, D)."""
    known = taught.known[queries]
    places, columns = np.nonzero(known)
    rows = taught.rows[queries][places, columns]
    scores = np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK_PAIRS):
        block = slice(start, start + _BLOCK_PAIRS)
        scores[block] = np.vecdot(taught.products[rows[block]], vectors[places[block]])
    found = np.full(known.shape, np.nan)
    found[places, columns] = scores
    return found


def ndcgs(taught: Lessons, adapter: Adapter, queries: Positions) -> Floats:
    """(q,) NDCG of some queries' slates, nan where undefined; products without a vector come last."""
    scores = scores_of(taught, adapter(taught.queries[queries]), queries)
    gains = taught.gains[queries]
    return ndcg(ordered(gains, np.where(np.isnan(scores), -np.inf, scores)))


def curve(taught: Lessons, held_out: tuple[int, int], training: Training, seed: int) -> Floats:
    """(R + 1, 2) the summed NDCG of two folds by an adapter that was fitted without both, after each round."""
    folds = [np.flatnonzero(taught.folds == fold) for fold in held_out]
    zero = Adapter(*_zeros(taught, training))
    adapters = [zero, *fitted(taught, taught.without(*held_out), training, (seed, *held_out))]
    return np.array([[np.nansum(ndcgs(taught, each, queries)) for queries in folds] for each in adapters])


def best_round(curves: dict[tuple[int, int], Floats], held_out: int | None) -> int:
    """For how many rounds to learn where a fold is held out: what was best on the others, by adapters that saw neither.
    The least of equally good ones. held_out: None where all queries are learned from."""
    total: Array = np.zeros(len(next(iter(curves.values()))))
    for (first, second), sums in curves.items():
        if held_out in (None, second):
            total = total + sums[:, 0]
        if held_out in (None, first):
            total = total + sums[:, 1]
    return int(np.argmax(total))


@dataclass(frozen=True, eq=False)
class Fitted:
    """folds: the adapter of each fold, fitted without it. whole: that of all queries. rounds: how long each learned,
    that of all queries last; 0 changes nothing."""

    folds: list[Adapter]
    whole: Adapter
    rounds: list[int]

    def vectors(self, queries: Vectors, folds: Labels) -> Vectors:
        """(Q, D) queries by the adapter of their fold; where they have none, by that of all."""
        found = np.empty_like(queries)
        for fold in np.unique(folds):
            adapter = self.whole if fold == NO_FOLD else self.folds[fold]
            found[folds == fold] = adapter(queries[folds == fold])
        return found


# Gives the arrays of this name, which the function makes where there are none yet.
Kept = Callable[[str, Callable[[], dict[str, Array]]], dict[str, Array]]


def anew(_: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """Makes them."""
    return make()


def fit(taught: Lessons, training: Training, seed: int, by_fold: bool = True, kept: Kept = anew) -> Fitted:
    """The adapters of all folds and of all queries. by_fold: False where no query of a fold is to be scored.

    kept: keeps what was fitted, for a run that is interrupted.
    """
    with reproducible(seed):
        curves = {}
        for pair in combinations(range(taught.fold_count), 2):
            made = partial(_curve_arrays, taught, pair, training, seed)
            curves[pair] = kept("without-{}-{}".format(*pair), made)["ndcg"]
        held_out = [*(range(taught.fold_count) if by_fold else ()), None]
        rounds = [best_round(curves, fold) for fold in held_out]
        found = [
            kept(f"adapter-{fold}", partial(_after, taught, fold, count, training, seed))
            for fold, count in zip(held_out, rounds, strict=True)
        ]
    adapters = [Adapter(each["down"], each["up"]) for each in found]
    return Fitted(adapters[:-1], adapters[-1], rounds)


def _curve_arrays(taught: Lessons, held_out: tuple[int, int], training: Training, seed: int) -> dict[str, Array]:
    return {"ndcg": curve(taught, held_out, training, seed)}


def _after(taught: Lessons, fold: int | None, rounds: int, training: Training, seed: int) -> dict[str, Array]:
    """The adapter after some rounds, without a fold, as arrays."""
    held_out = () if fold is None else (fold,)
    adapters = [Adapter(*_zeros(taught, training))]
    trained = fitted(taught, taught.without(*held_out), training, (seed, *held_out))
    adapters += [each for each, _ in zip(trained, range(rounds), strict=False)]
    return {"down": adapters[-1].down, "up": adapters[-1].up}


def _zeros(taught: Lessons, training: Training) -> tuple[Vectors, Vectors]:
    dim = taught.queries.shape[1]
    return np.zeros((training.rank, dim), np.float32), np.zeros((dim, training.rank), np.float32)
