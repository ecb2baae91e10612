"""How often intervals and tests per unit of traffic hold what they say: by simulation.

    python -m tests.weighted_simulations --sets 2000 --seed 1

Prints a table each, and ends with 1 where a promise of `docs/decisions/0032` is broken.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sqid_core.bundle.traffic import effective_number
from sqid_core.evaluation.intervals import mean_intervals, t_quantile
from sqid_core.evaluation.significance import bootstrap_intervals, outcomes, randomisation_p
from sqid_core.evaluation.verdicts import verdict
from sqid_core.types import Floats

COUNTS = (5, 10, 20, 50, 200)
RESAMPLES, SIGNS = 600, 1_000
# What is promised of symmetric differences, from so many effective queries on.
LEAST_COVERED, LEAST_EFFECTIVE = 0.92, 5.0
# Standard errors above .05: of a hundred lines two would exceed two of them by chance.
_ERRORS = 3
_SPREAD = 0.2


@dataclass(frozen=True)
class Traffic:
    """How often queries are asked: a law of (n,) weights."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True)
class Law:
    """(n,) differences whose mean per unit of traffic is 0, by the weights. symmetric: each about 0, whatever its
    weight."""

    name: str
    draw: Callable[[np.random.Generator, Floats], Floats]
    symmetric: bool = True


TRAFFICS = (
    Traffic("1 to 5 times", lambda rng, n: rng.integers(1, 6, n).astype(float)),
    Traffic("Zipf", lambda rng, n: rng.permutation(1 / np.arange(1, n + 1))),
    Traffic("lognormal, 1", lambda rng, n: rng.lognormal(0, 1, n)),
    Traffic("lognormal, 1.5", lambda rng, n: rng.lognormal(0, 1.5, n)),
)
LAWS = (
    Law("normal", lambda rng, w: rng.normal(0, _SPREAD, len(w))),
    Law("normal, 70 % equal", lambda rng, w: rng.normal(0, _SPREAD, len(w)) * (rng.random(len(w)) < 0.3)),
    Law("wider where rare", lambda rng, w: rng.normal(0, _SPREAD, len(w)) / np.sqrt(w / w.mean())),
    Law("wider where frequent", lambda rng, w: rng.normal(0, _SPREAD, len(w)) * np.sqrt(w / w.mean())),
    Law("exponential", lambda rng, w: _SPREAD * (rng.exponential(1, len(w)) - 1), False),
)


@dataclass(frozen=True)
class Line:
    """effective: the mean effective number. given: the share of sets with an interval. ours, t, percentile: how often
    they hold 0, among those. p: how often it is at most .05, of all sets; wrong: how often a verdict says better or
    worse."""

    traffic: str
    law: Law
    n: int
    effective: float
    given: float
    ours: float
    t: float
    percentile: float
    p: float
    wrong: float


def measured(traffic: Traffic, law: Law, n: int, sets: int, seed: int) -> Line:
    """t: Student's t on the plain error of a ratio."""
    rng = np.random.default_rng((seed, n, TRAFFICS.index(traffic), LAWS.index(law)))
    held, effective, ps, wrong, given = [], [], [], [], 0
    for _ in range(sets):
        weights = traffic.draw(rng, n)
        values = law.draw(rng, weights)
        worth = effective_number(weights)
        effective.append(worth)
        p = randomisation_p(values, SIGNS, traffic=weights)
        ps.append(p <= 0.05)
        mean = float(np.average(values, weights=weights))
        wrong.append(verdict(outcomes(values, traffic=weights), mean, p).sure)
        low, high = mean_intervals(values[None], resamples=RESAMPLES, traffic=weights)[0]
        if np.isnan(low):
            continue
        given += 1
        shares = weights / weights.sum()
        half = t_quantile(0.95, worth - 1) * float(np.sqrt(shares**2 @ (values - mean) ** 2))
        first, last = bootstrap_intervals(values[None], resamples=RESAMPLES, traffic=weights)[0]
        held.append((low <= 0 <= high, abs(mean) <= half, first <= 0 <= last))
    ours, t, percentile = np.mean(held, axis=0) if held else (np.nan,) * 3
    return Line(
        traffic.name,
        law,
        n,
        float(np.mean(effective)),
        given / sets,
        float(ours),
        float(t),
        float(percentile),
        float(np.mean(ps)),
        float(np.mean(wrong)),
    )


def lines(sets: int, seed: int) -> Iterator[Line]:
    for traffic in TRAFFICS:
        for law in LAWS:
            yield from (measured(traffic, law, n, sets, seed) for n in COUNTS)


def broken(line: Line, sets: int) -> list[str]:
    """The promises that a line breaks."""
    found = []
    if line.law.symmetric and line.effective >= LEAST_EFFECTIVE and line.ours < LEAST_COVERED:
        found.append(f"covered {line.ours:.3f}")
    if line.ours < line.percentile:
        found.append(f"covered {line.ours:.3f}, less than the percentiles {line.percentile:.3f}")
    allowed = 0.05 + _ERRORS * np.sqrt(0.05 * 0.95 / sets)
    if line.law.symmetric and line.wrong > allowed:
        found.append(f"wrong verdicts {line.wrong:.3f}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("| traffic | law | n | effective | ours | plain t | percentile | p ≤ .05 | wrong verdicts |")
    print("|---|---|---|---|---|---|---|---|---|")
    faults = []
    for line in lines(asked.sets, asked.seed):
        numbers = (line.ours, line.t, line.percentile, line.p, line.wrong)
        shown = " | ".join(f"{number:.3f}".lstrip("0") or "0" for number in numbers)
        print(f"| {line.traffic} | {line.law.name} | {line.n} | {line.effective:.1f} | {shown} |", flush=True)
        faults += [f"{line.traffic}, {line.law.name}, {line.n}: {fault}" for fault in broken(line, asked.sets)]
    print("\n".join(faults) or "all promises kept")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
