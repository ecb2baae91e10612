"""What whole models learn from: the judged slates of a bundle, with the texts and pictures of their products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sqid_core.bundle.adapted_signal import NO_FOLD
from sqid_core.types import Bools, Floats, Labels, Modality, Positions, Rows


@dataclass(frozen=True, eq=False)
class Taught:
    """Judged slates. queries: (Q,) texts. rows: (Q, C) of the products, 0 at padding. mask: (Q, C) what was judged.
    gains: (Q, C). texts, pictures: (N,) of the products, None where one has none. folds: (Q,) from 0, NO_FOLD for a
    query that nothing is learned from. read: what is read beside the query: texts, pictures or both."""

    queries: Sequence[str] = field(repr=False)
    rows: Rows = field(repr=False)
    mask: Bools = field(repr=False)
    gains: Floats = field(repr=False)
    texts: Sequence[str | None] = field(repr=False)
    pictures: Sequence[Path | None] = field(repr=False)
    folds: Labels = field(repr=False)
    read: tuple[Modality, ...] = ("text",)

    def there(self, modality: Modality) -> Bools:
        """(Q, C) which judged products have a text, or a picture."""
        items = self.texts if modality == "text" else self.pictures
        has = np.array([item is not None for item in items], dtype=bool)
        return np.asarray(self.mask & has[self.rows])

    @property
    def known(self) -> Bools:
        """(Q, C) which judged products have anything that is read."""
        return np.logical_or.reduce([self.there(modality) for modality in self.read])

    @property
    def teaches(self) -> Bools:
        """(Q,) which slates hold products of different worth, among those that have something to read."""
        modalities = [self.there(modality) for modality in self.read]
        return np.logical_or.reduce([_orders(self.gains, there) for there in modalities])

    def without(self, held_out: int | None) -> Positions:
        """The queries to learn from where a fold is held out."""
        return np.flatnonzero(self.teaches & (self.folds != NO_FOLD) & (self.folds != held_out))


def _orders(gains: Floats, there: Bools) -> Bools:
    highest = np.where(there, gains, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(highest > np.where(there, gains, np.inf).min(axis=1, initial=np.inf))


@dataclass(frozen=True, eq=False)
class Batch:
    """Some slates, cut to as many products as are read at a time. queries: (b,) texts. rows: (b, k) of the products, 0
    at padding. gains: (b, k). there: (b, k) by modality: which products have one."""

    queries: Sequence[str]
    rows: Rows
    gains: Floats
    there: dict[Modality, Bools]

    def shares(self, modality: Modality) -> Floats:
        """(b, k) each product's share of the gains in its slate; 0 in a slate that teaches no order."""
        worth = np.where(self.there[modality], self.gains, 0.0)
        worth[~_orders(self.gains, self.there[modality])] = 0.0
        total = worth.sum(axis=1, keepdims=True)
        return np.asarray(worth / np.where(total > 0, total, 1.0), dtype=np.float32)


def batches(
    taught: Taught, queries: Positions, size: int, longest: int, epochs: int, seed: Sequence[int], start: int = 0
) -> Iterator[Batch]:
    """The batches of all epochs, from one of them on. size: slates in a batch. longest: products of a slate.

    What is drawn depends on the seed and the place of the batch alone, so a run that goes on reads what it would have.
    """
    known = taught.known
    there = {modality: taught.there(modality) for modality in taught.read}
    each = epoch_steps(len(queries), size)
    for step in range(start, epochs * each):
        epoch, place = divmod(step, each)
        drawn = np.random.default_rng([*seed, epoch]).permutation(queries)[place * size :][:size]
        rng = np.random.default_rng([*seed, epoch, place])
        slots = [_drawn(taught.gains[query], np.flatnonzero(known[query]), longest, rng) for query in drawn]
        padded = np.zeros((len(drawn), max(map(len, slots))), dtype=np.int64)
        used = np.zeros(padded.shape, dtype=bool)
        for row, some in enumerate(slots):
            padded[row, : len(some)], used[row, : len(some)] = some, True
        asked = drawn[:, None]
        yield Batch(
            [taught.queries[query] for query in drawn],
            np.where(used, taught.rows[asked, padded], 0),
            np.where(used, taught.gains[asked, padded], 0.0),
            {modality: used & found[asked, padded] for modality, found in there.items()},
        )


def epoch_steps(queries: int, size: int) -> int:
    """How many batches of so many slates an epoch has."""
    return -(-queries // size)


def _drawn(gains: Floats, slots: Positions, longest: int, rng: np.random.Generator) -> Positions:
    """At most so many slots of a slate, in a drawn order: one of the best and one of the others first, since slots of
    one worth teach nothing."""
    slots = rng.permutation(slots)
    best = gains[slots] == gains[slots].max()
    first = [np.flatnonzero(best)[:1], np.flatnonzero(~best)[:1]]
    ahead = np.concatenate([*first, np.setdiff1d(np.arange(len(slots)), np.concatenate(first))])
    return slots[ahead][:longest]
