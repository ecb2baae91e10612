"""What a book says of the labels and the numbers that it was drawn from: corrected means.

Three things are estimated, each named where it is shown:

* *wrong labels*: the share of this bundle's published labels that these judges would change, had they judged all of it;
* *queries judged whole*: a method's mean NDCG over queries like these under the judges' labels, where whole queries
  were drawn;
* *each wrong label alone*: where pairs were drawn, by how much a mean would change if each wrong label were corrected
  without the others, added up; the bundle's mean, which is known, and that change are the corrected mean. Two wrong
  labels of one query do not add up exactly, and no sample of pairs sees both.

Only a book that was drawn by chance speaks for pairs that are not in it. Of any other book the same numbers are those
of its own pairs: they have no interval and no verdict, but the words how they were chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.metrics import discounts
from ..evaluation.reports import Run, evaluate
from ..types import Bools, Floats
from ..wording import counted
from .book_samples import (
    LEAST_CHANGED,
    LEAST_DIFFERENT,
    BookSample,
    Ratio,
    book_sample,
    mean_interval,
    ratio,
    share_interval,
)
from .books import Book
from .drawn import rank_discounts, run_ranks
from .label_moves import Stakes, changed

# Acts to labels, as of `book_sample`: whose word counts, see `label_sets.answers_of`.
Answers = Callable[[pd.DataFrame], pd.DataFrame]
_NO_INTERVAL = (float("nan"), float("nan"))


@dataclass(frozen=True, eq=False)
class Corrected:
    """A table with the words that stand below it: what is estimated, from what, and how that was chosen."""

    table: pd.DataFrame = field(repr=False)
    caption: str


def wrong_labels(dataset: Dataset, book: Book, pairs: pd.DataFrame, acts: pd.DataFrame, answers: Answers) -> Corrected:
    """One row for all published labels, "", and one a label: label, judged (pairs), wrong (share), low, high (95 %).

    pairs: of the book. acts: of the bundle; those of other books do not count, as what these happened to judge of this
    book's pairs was not chosen by chance.
    """
    sample = book_sample(dataset, pairs, answers(acts[acts["book"] == book.id]))
    published = dataset.judgements.labels[sample.query, sample.place]
    judged = sample.label >= 0
    wrong = (judged & (sample.label != published)).astype(np.float64)
    lines = []
    for code, name in enumerate(["", *dataset.scale.names], -1):
        inside = judged if code < 0 else judged & (published == code)
        found = ratio(sample, judged, wrong * inside, inside.astype(np.float64), finite=True)
        pairs_of_it = int(inside.sum())
        low, high = share_interval(found, pairs_of_it) if book.by_chance else _NO_INTERVAL
        lines.append((name, pairs_of_it, found.value, low, high))
    table = pd.DataFrame(lines, columns=["label", "judged", "wrong", "low", "high"])
    what = f"Share of published labels that the judges changed, {counted(int(judged.sum()), 'pair', 'pairs')} judged"
    return Corrected(table, f"{what}; {_of_what(book, 'all of this bundle')}")


def corrected_means(
    dataset: Dataset,
    book: Book,
    pairs: pd.DataFrame,
    acts: pd.DataFrame,
    answers: Answers,
    runs: Mapping[str, Run],
    gains: str | None = None,
    k: int | None = None,
) -> Corrected:
    """One row a run, and one for each run less the first: what, published and corrected (means of the queries judged
    whole; of the whole bundle where pairs were drawn), low and high of the second, change with change low and change
    high, n (queries, or pairs), verdict (of a difference over queries judged whole: "better", "worse", "open"; "" where
    there is none).

    pairs, acts, answers: see `wrong_labels`. runs: rankings of the judged slates by name, at least one. k: the cut-off
    of NDCG.
    """
    if not runs:
        raise ValueError("corrected means are of one run or more")
    sample = book_sample(dataset, pairs, answers(acts[acts["book"] == book.id]))
    if sample.whole or not book.by_chance:
        return _whole(dataset, book, sample, runs, gains, k)
    return _alone(dataset, book, sample, runs, gains, k)


def _of_what(book: Book, population: str) -> str:
    """How far the numbers reach."""
    return f"it speaks for {population}: {book.source}" if book.by_chance else f"of these pairs alone: {book.source}"


# --- queries judged whole ---


def _whole(
    dataset: Dataset, book: Book, sample: BookSample, runs: Mapping[str, Run], gains: str | None, k: int | None
) -> Corrected:
    """Means over the queries of which every pair was judged; a pair without a label keeps the published one."""
    judgements = dataset.judgements
    given = np.bincount(sample.query[sample.answered], minlength=len(judgements))
    complete = (given == judgements.lengths) & (given > 0)
    labels = judgements.labels.copy()
    said = sample.label >= 0
    labels[sample.query[said], sample.place[said]] = sample.label[said]
    after = replace(dataset, judgements=replace(judgements, labels=labels))
    name = _measure(k)
    both = {
        run: tuple(evaluate(data, ranking, gains, [name]).values(name) for data in (dataset, after))
        for run, ranking in runs.items()
    }
    lines: list[tuple[object, ...]] = []
    for what, published, corrected in _rows(both):
        one = _of_queries(sample, complete, corrected)
        change = _of_queries(sample, complete, corrected - published)
        before = _of_queries(sample, complete, published)
        lines.append(_line(book, what, len(lines) >= len(runs), before.value, one, change))
    drawn = len(np.unique(sample.query))
    judged = f"{int(complete.sum()):,} of {counted(drawn, 'query', 'queries')} judged whole"
    return Corrected(_table(lines), f"Mean NDCG of {judged}; {_of_what(book, 'queries like those of this bundle')}")


def _rows(both: Mapping[str, tuple[Floats, ...]]) -> list[tuple[str, Floats, Floats]]:
    """(what, published, corrected) of each run, and of each less the first."""
    rows = [(name, values[0], values[1]) for name, values in both.items()]
    return rows + [
        (f"{name} − {rows[0][0]}", before - rows[0][1], after - rows[0][2]) for name, before, after in rows[1:]
    ]


def _of_queries(sample: BookSample, complete: Bools, values: Floats) -> Ratio:
    """The mean of values (Q,) over the complete queries; those without a value are none."""
    first = ~pd.Series(sample.query).duplicated().to_numpy()
    counts = first & complete[sample.query]
    known = ~np.isnan(values[sample.query])
    by_query = replace(sample, unit=sample.query)
    return ratio(by_query, counts, np.nan_to_num(values[sample.query]), known.astype(np.float64), finite=False)


# --- each wrong label alone ---


def _alone(
    dataset: Dataset, book: Book, sample: BookSample, runs: Mapping[str, Run], gains: str | None, k: int | None
) -> Corrected:
    judged = sample.label >= 0
    moves = {name: _moves(dataset, sample, judged, run, gains, k) for name, run in runs.items()}
    first, *others = moves
    moves |= {f"{name} − {first}": moves[name] - moves[first] for name in others}
    gain = dataset.judgements.gains(dataset.scale.gains(gains))
    queries = int(gain.any(axis=1).sum())
    a_query = float(sample.population.sum()) / queries if queries else float("nan")
    ones = np.ones(len(judged))
    name = _measure(k)
    before = [evaluate(dataset, run, gains, [name]).means[name] for run in runs.values()]
    before += [mean - before[0] for mean in before[1:]]
    lines: list[tuple[object, ...]] = []
    for (what, values), mean in zip(moves.items(), before, strict=True):
        change = ratio(sample, judged, values * a_query, ones, finite=False)
        low, high = mean_interval(change, LEAST_CHANGED)
        interval = mean + low, mean + high
        lines.append((what, mean, mean + change.value, *interval, change.value, low, high, change.units, ""))
    pairs = counted(int(judged.sum()), "pair", "pairs")
    what = f"Mean NDCG of all queries, and what wrong labels change in it, each taken alone, {pairs} judged"
    return Corrected(_table(lines), f"{what}; {_of_what(book, 'all of this bundle')}")


def _measure(k: int | None) -> str:
    return "ndcg" if k is None else f"ndcg@{k}"


def _moves(dataset: Dataset, sample: BookSample, judged: Bools, run: Run, gains: str | None, k: int | None) -> Floats:
    """(P,) by how much each pair's judged label, instead of the published one, changes its query's NDCG; 0 where that
    is not defined before and after."""
    judgements = dataset.judgements
    cut = np.append(discounts(judgements.rows.shape[1]), 0.0)
    cut[len(cut) if k is None else k :] = 0.0
    found = np.zeros(len(judged))
    queries, at = np.unique(sample.query[judged], return_inverse=True)
    steps = rank_discounts(run_ranks(judgements, run), k)
    of_run = Stakes(judgements.labels, steps, dataset.scale.gains(gains), cut, np.ones(len(judgements)))
    for start in range(0, len(queries), 256):
        part = queries[start : start + 256]
        after = changed(judgements.labels[part], steps[part], of_run.table, cut)
        mine = np.flatnonzero((at >= start) & (at < start + 256))
        rows = np.flatnonzero(judged)[mine]
        found[rows] = after[at[mine] - start, sample.place[rows], sample.label[rows]]
    found[judged] -= of_run.differences[sample.query[judged]]
    return np.nan_to_num(found)


# --- lines ---


def _line(book: Book, what: str, is_difference: bool, before: float, one: Ratio, change: Ratio) -> tuple[object, ...]:
    given = ((one, LEAST_DIFFERENT), (change, LEAST_CHANGED))
    intervals = [mean_interval(each, least) if book.by_chance else _NO_INTERVAL for each, least in given]
    low, high = intervals[0]
    verdict = ""
    if is_difference and not np.isnan(low):
        verdict = "better" if low > 0 else "worse" if high < 0 else "open"
    return (what, before, one.value, *intervals[0], change.value, *intervals[1], change.units, verdict)


def _table(lines: list[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["what", "published", "corrected", "low", "high", "change", "change low", "change high", "n", "verdict"]
    return pd.DataFrame(lines, columns=columns)
