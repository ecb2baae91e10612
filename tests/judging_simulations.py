"""How often the intervals of a book that was drawn by chance hold the truth, by simulation.

    python -m tests.judging_simulations --sets 2000 --seed 1

Prints a line each, and ends with 1 where a promise of `docs/decisions/0039` is broken.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sqid_core.judging.book_samples import BookSample, mean_interval, ratio, share_interval
from sqid_core.judging.samples import allotted
from sqid_core.types import Floats, Positions

# Twelve categories, as unlike in size as those of a shop.
_SIZES = (900, 700, 520, 400, 300, 240, 200, 160, 120, 90, 70, 50)
COUNTS = (50, 100, 200, 500)


@dataclass(frozen=True)
class Line:
    """held: the share of intervals that hold the truth, of those given. given: the share of sets that have one."""

    what: str
    n: int
    held: float
    given: float
    sets: int
    error: float

    @property
    def broken(self) -> bool:
        """Whether it is not 95 % ± 2 %, beyond two standard errors of the simulation."""
        counted = self.given * self.sets
        return counted >= 100 and abs(self.held - 0.95) > 0.02 + 2 * float(np.sqrt(0.95 * 0.05 / counted))


@dataclass(frozen=True, eq=False)
class Shop:
    """A population: the stratum of each unit (U,); and of each pair (P,) its unit, label, and whether that is wrong."""

    stratum: Positions
    unit: Positions
    label: Positions
    wrong: Floats


def shop(rng: np.random.Generator, cluster: bool) -> Shop:
    """Wrong labels are as frequent as category and label make them; cluster: units are queries of 4 to 30 pairs, of
    which some are misunderstood as a whole."""
    stratum = np.repeat(np.arange(len(_SIZES)), _SIZES)
    lengths = rng.integers(4, 31, len(stratum)) if cluster else np.ones(len(stratum), dtype=np.int64)
    unit = np.repeat(np.arange(len(stratum)), lengths)
    label = rng.choice(4, p=[0.45, 0.3, 0.05, 0.2], size=len(unit))
    rate = np.linspace(0.02, 0.2, len(_SIZES))[stratum[unit]] * np.array([0.6, 1.6, 2.0, 0.8])[label]
    if cluster:
        rate = rate * rng.gamma(1.0, 1.0, len(stratum))[unit]
    return Shop(stratum, unit, label, (rng.random(len(unit)) < rate).astype(np.float64))


def drawn(rng: np.random.Generator, found: Shop, n: int) -> BookSample:
    """A book of so many units, in proportion to the strata."""
    wanted = allotted(np.array(_SIZES), n)
    units = np.concatenate(
        [rng.choice(np.flatnonzero(found.stratum == h), count, replace=False) for h, count in enumerate(wanted)]
    )
    pairs = np.flatnonzero(np.isin(found.unit, units))
    sizes = np.array(_SIZES, dtype=np.float64)
    judged = np.ones(len(pairs), dtype=bool)
    unit, label = found.unit[pairs], found.label[pairs].astype(np.int8)
    return BookSample(unit, pairs, label, judged, unit, found.stratum[unit], sizes, whole=True)


def share_coverage(n: int, cluster: bool, sets: int, seed: int, label: int | None = None) -> Line:
    """Of the share of wrong labels, or of the wrong ones among those of one label."""
    rng = np.random.default_rng((seed, n, cluster))
    everyone = shop(rng, cluster)
    inside = np.ones(len(everyone.label)) if label is None else (everyone.label == label).astype(np.float64)
    truth = float((everyone.wrong * inside).sum() / inside.sum())
    ends, values = [], []
    for _ in range(sets):
        sample = drawn(rng, everyone, n)
        here = inside[sample.place]
        found = ratio(sample, sample.answered, everyone.wrong[sample.place] * here, here, finite=True)
        ends.append(share_interval(found, int(here.sum())))
        values.append(found.value)
    what = f"wrong labels{'' if label is None else f' of label {label}'}, {'whole queries' if cluster else 'pairs'}"
    return _line(what, n, np.array(ends), truth, float(np.nanmean(values)) - truth)


@dataclass(frozen=True)
class Law:
    """What each query scores: its law, whose mean in stratum h is `centre` + `step` h."""

    name: str
    draw: Callable[[np.random.Generator, Positions], Floats]


LAWS = (
    Law("NDCG near the top", lambda rng, h: 0.95 - 0.02 * h + rng.beta(6, 1.5, len(h)) - 0.8),
    Law("normal differences", lambda rng, h: 0.01 * (h - 5) + rng.normal(0, 0.2, len(h))),
    Law("70 % equal", lambda rng, h: rng.normal(0.02, 0.2, len(h)) * (rng.random(len(h)) < 0.3)),
)


def mean_coverage(law: Law, n: int, sets: int, seed: int) -> Line:
    """Of a mean over queries like those of the bundle: each set has a bundle of its own from one law."""
    rng = np.random.default_rng((seed, n, LAWS.index(law)))
    stratum = np.repeat(np.arange(len(_SIZES)), _SIZES)
    # The law's mean over the strata as they are.
    truth = float(np.mean([law.draw(rng, stratum).mean() for _ in range(2_000)]))
    sizes, ends, values = np.array(_SIZES, dtype=np.float64), [], []
    of_drawn = np.repeat(np.arange(len(_SIZES)), allotted(np.array(_SIZES), n))
    place, judged = np.arange(n), np.ones(n, dtype=bool)
    for _ in range(sets):
        sample = BookSample(place, place, np.zeros(n, np.int8), judged, place, of_drawn, sizes, True)
        found = ratio(sample, judged, law.draw(rng, of_drawn), np.ones(n), finite=False)
        ends.append(mean_interval(found))
        values.append(found.value)
    return _line(f"means, {law.name}", n, np.array(ends), truth, float(np.mean(values)) - truth)


def _line(what: str, n: int, ends: Floats, truth: float, error: float) -> Line:
    given = ~np.isnan(ends[:, 0])
    held = (ends[given, 0] <= truth + 1e-12) & (ends[given, 1] >= truth - 1e-12)
    share = float(held.mean()) if given.any() else float("nan")
    return Line(what, n, share, float(given.mean()), len(ends), error)


def _lines(sets: int, seed: int) -> Iterator[Line]:
    for n in COUNTS:
        for cluster in (False, True):
            yield share_coverage(n, cluster, sets, seed)
            for label in range(4):
                yield share_coverage(n, cluster, sets, seed, label)
        for law in LAWS:
            yield mean_coverage(law, n, sets, seed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    broken = 0
    for line in _lines(asked.sets, asked.seed):
        mark = "  BROKEN" if line.broken else ""
        told = f"{line.what:45}n {line.n:3}: {line.held:.3f} ({line.given:.2f})  bias {line.error:+.4f}{mark}"
        print(told, flush=True)
        broken += line.broken
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
