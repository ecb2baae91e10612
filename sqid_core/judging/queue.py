"""What a judge sees next of a book, and how much there is left."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..types import Array, Bools, Floats, Positions
from ..wording import counted
from .books import Book, Order

# A pair is shown again once so many others were judged, or up to twice as many: not so soon that it is remembered.
GAP = 20
# Of fewer seconds a judge's median says little: then that of all judges stands.
_LEAST_TIMES = 5
_GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Progress:
    """done, left: how often a pair was, and is yet to be, judged. seconds: the median time that one takes so far, nan
    where nobody was timed."""

    done: int
    left: int
    seconds: float

    @property
    def words(self) -> str:
        """How much is left and how long that takes: `124 pairs left, about 40 minutes at 19 s a pair`."""
        if not self.left:
            return "nothing left"
        left = f"{counted(self.left, 'pair', 'pairs')} left"
        if np.isnan(self.seconds):
            return left
        return f"{left}, about {_duration(self.left * self.seconds)} at {self.seconds:.0f} s a pair"


@dataclass(frozen=True, eq=False)
class Queue:
    """A judge's queue. pairs: what comes next, columns of the book's pairs and showing (2 where it is shown again)."""

    pairs: pd.DataFrame = field(repr=False)
    progress: Progress


def queue(
    book: Book, pairs: pd.DataFrame, standing: pd.DataFrame, judge: str, most: int = 20, models: Collection[str] = ()
) -> Queue:
    """The next pairs of a judge: those that are shown again and due, then new ones in the book's order, then those to
    be shown again that are not due, then what was put off for later, in the order in which that was done.

    pairs: of the book, by number. standing: `acts.standing` of the book's acts; unrateable is a rating too. A pair that
    as many others judged as the book asks for is left out; labels of `models` (judges' ids) are nobody's. A pair is
    shown again to its judge, where the book has repeats, after `GAP` others or up to twice as many, and never directly
    after itself: where nothing else is left, it is not shown again.
    """
    own, others = _ratings(pairs, standing, judge, models)
    keys = _mixed(pairs["number"].to_numpy(np.uint64), book.id, judge)
    need = (others < book.judges) & own.fresh
    again = _chosen(pairs["number"].to_numpy(np.uint64), book, judge)
    due, waiting = _repeats(own, again, keys)
    new, later = _ordered(book, pairs, np.flatnonzero(need & ~own.later), keys, judge), own.put_off[need[own.put_off]]
    if len(waiting) == 1 and not len(due) + len(new) and own.last == waiting[0]:
        # It would come directly after itself.
        later, waiting = np.concatenate([later, waiting if len(later) else waiting[:0]]), waiting[:0]
    rows = np.concatenate([due, new, waiting, later])
    is_again = ~own.fresh[rows]
    shown = pairs.iloc[rows[:most]].assign(showing=np.where(is_again[:most], 2, 1).astype(np.int8))
    left = len(rows) + int(again[new].sum() + again[later[own.fresh[later]]].sum())
    return Queue(shown.reset_index(drop=True), Progress(own.done, left, pace(standing, judge, models)))


def progress(book: Book, pairs: pd.DataFrame, standing: pd.DataFrame, models: Collection[str] = ()) -> Progress:
    """Of a whole book: how many judgements it has and lacks, by people, at their median pace; repeats do not count."""
    _, counts = _ratings(pairs, standing, "", models)
    done = np.minimum(counts, book.judges)
    return Progress(int(done.sum()), int(book.judges * len(pairs) - done.sum()), pace(standing, "", models))


def pace(standing: pd.DataFrame, judge: str = "", models: Collection[str] = ()) -> float:
    """The median seconds that a judge takes for a pair; that of all people where he judged few, nan where nobody
    did."""
    rated = standing[(standing["kind"] != "later") & standing["seconds"].notna() & ~standing["judge"].isin([*models])]
    own = rated[rated["judge"] == judge]
    found = own if len(own) >= _LEAST_TIMES else rated
    return float(found["seconds"].median()) if len(found) else float("nan")


# --- what was done ---


@dataclass(frozen=True, eq=False)
class _Own:
    """What one judge did with each pair (P,): fresh: not rated. later: put off. since: how many others he rated after
    it. twice: shown again already. put_off: (n,) rows, the first put off first. last: the row of what he rated last,
    -1 for none."""

    fresh: Bools
    later: Bools
    twice: Bools
    since: Positions
    put_off: Positions
    last: int
    done: int


def _ratings(
    pairs: pd.DataFrame, standing: pd.DataFrame, judge: str, models: Collection[str]
) -> tuple[_Own, Positions]:
    """What the judge did, and (P,) how many other people rated each pair."""
    place = {pair: row for row, pair in enumerate(_ids(pairs))}
    words = standing[~standing["judge"].isin([*models]) | (standing["judge"] == judge)]
    at = np.fromiter((place.get(pair, -1) for pair in _ids(words)), dtype=np.int64, count=len(words))
    words, at = words[at >= 0], at[at >= 0]
    mine, later = (words["judge"] == judge).to_numpy(), (words["kind"] == "later").to_numpy()
    others = np.bincount(at[~mine & ~later], minlength=len(pairs))
    order = np.argsort(words["number"].to_numpy()[mine], kind="stable")
    rows, put_off, twice = at[mine][order], later[mine][order], words["showing"].to_numpy()[mine][order] == 2
    rated = rows[~put_off]
    since = np.zeros(len(pairs), dtype=np.int64)
    since[rated] = np.arange(len(rated))[::-1]
    fresh, is_later, is_twice = (np.full(len(pairs), value) for value in (True, False, False))
    fresh[rated], is_later[rows[put_off]], is_twice[rows[twice]] = False, True, True
    last = int(rated[-1]) if len(rated) else -1
    return _Own(fresh, is_later, is_twice, since, rows[put_off], last, len(rated)), others


def _ids(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(frame["query_id"], frame["product_id"], strict=True)


def _repeats(own: _Own, again: Bools, keys: Array) -> tuple[Positions, Positions]:
    """Rows to be shown again: those that are due, and those that are not, each the one that was rated first first."""
    rows = np.flatnonzero(again & ~own.fresh & ~own.twice)
    rows = rows[np.argsort(-own.since[rows], kind="stable")]
    due = own.since[rows] >= GAP + (keys[rows] % np.uint64(GAP)).astype(np.int64)
    return rows[due], rows[~due]


# --- the order ---


# Which hashes decide each order, the last one first: of the pair, of its query; numbers are in order already.
_SORTED_BY: dict[Order, tuple[str, ...]] = {"random": ("pair",), "query": ("pair", "query"), "worst": ()}


def _ordered(book: Book, pairs: pd.DataFrame, rows: Positions, keys: Array, judge: str) -> Positions:
    """Rows in the book's order, at random another one for each judge. By query: queries at random, and at random
    inside. Worst first they stand so already, by their numbers."""

    def of_queries() -> Array:
        return _mixed(pd.factorize(pairs["query_id"])[0].astype(np.uint64), book.id, judge, "query")

    hashes = {"pair": lambda: keys, "query": of_queries}
    used = [hashes[name]()[rows] for name in _SORTED_BY[book.order]]
    return rows[np.lexsort(used)] if used else rows


def _chosen(numbers: Array, book: Book, judge: str) -> Bools:
    """(P,) which pairs a judge is shown twice."""
    share: Floats = _mixed(numbers, book.id, judge, "again") / np.float64(2**64)
    return np.asarray(share < book.repeats)


def _mixed(numbers: Array, *about: str) -> Array:
    """(P,) a hash of each number and some texts: splitmix64 (Steele and others 2014) from a seed that the texts
    give."""
    text = "\0".join(about).encode("utf-8", "surrogatepass")
    seed = np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))
    with np.errstate(over="ignore"):
        mixed = seed + (numbers + np.uint64(1)) * np.uint64(_GOLDEN)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second", "seconds")
    if seconds < 90 * 60:
        return counted(round(seconds / 60), "minute", "minutes")
    return f"{seconds / 3600:,.1f} hours"
