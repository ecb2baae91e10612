"""How often intervals hold the truth, and how often two equally good runs are told apart: by simulation.

    python -m tests.simulations --sets 2000 --seed 1

Prints a table each, and ends with 1 where a promise of `docs/decisions/0020` is broken.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from sqid_core.analysis.breakdown import group_weights
from sqid_core.analysis.groupings import Groups
from sqid_core.analysis.query_weights import WEIGHTS, best_weight, inside
from sqid_core.evaluation.intervals import difference_intervals, t_quantile
from sqid_core.evaluation.metrics import ndcg
from sqid_core.evaluation.significance import outcomes, randomisation_ps
from sqid_core.evaluation.verdicts import verdict
from sqid_core.types import Floats

COUNTS = (2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200)
TIES = (0.0, 0.7)
RESAMPLES = 2_000
_NORMAL = np.vectorize(NormalDist().cdf)
_QUANTILE = np.vectorize(NormalDist().inv_cdf)


@dataclass(frozen=True)
class Law:
    """Per-query differences with mean 0. symmetric: as of two runs that are equally good and exchangeable."""

    name: str
    draw: Callable[[np.random.Generator, tuple[int, int]], Floats]
    symmetric: bool = True


LAWS = (
    Law("normal", lambda rng, shape: rng.normal(0, 0.2, shape)),
    Law("uniform", lambda rng, shape: rng.uniform(-0.3, 0.3, shape)),
    Law("Laplace", lambda rng, shape: rng.laplace(0, 0.15, shape)),
    Law("exponential", lambda rng, shape: 0.2 * (rng.exponential(1, shape) - 1), False),
    Law("lognormal", lambda rng, shape: 0.2 * (rng.lognormal(0, 0.8, shape) - np.exp(0.32)), False),
    Law("beta (6, 1.5)", lambda rng, shape: rng.beta(6, 1.5, shape) - 0.8, False),
)


def drawn(law: Law, n: int, equal: float, sets: int, seed: int) -> Floats:
    """(sets, n) differences, a share of them 0."""
    rng = np.random.default_rng((seed, n, int(100 * equal)))
    values = law.draw(rng, (sets, n))
    values[rng.random(values.shape) < equal] = 0.0
    return values


# --- intervals ---


@dataclass(frozen=True)
class Coverage:
    """given: share of sets that have an interval by our rule. ours, and others by name: how often 0 lies within, among
    those sets."""

    law: Law
    n: int
    equal: float
    sets: int
    given: float
    ours: float
    others: dict[str, float]

    @property
    def broken(self) -> str:
        """Which promise does not hold, or nothing."""
        if not self.given * self.sets >= 200:
            return ""
        error = np.sqrt(0.95 * 0.05 / (self.given * self.sets))
        if self.law.symmetric and (self.n >= 5 if not self.equal else self.n >= 30) and abs(self.ours - 0.95) > 0.02:
            # Beyond chance, too: few sets have an interval where most queries are equal.
            return "not 95 % ± 2 %" if abs(self.ours - 0.95) > 0.02 + error else ""
        return "below the percentile interval" if self.ours < self.others["percentile"] - error / 2 else ""


def coverage(law: Law, n: int, equal: float, sets: int, seed: int) -> Coverage:
    """Of our intervals and of those that were tried."""
    values = drawn(law, n, equal, sets, seed)
    low, high = difference_intervals(values, resamples=RESAMPLES).T
    given = ~np.isnan(low)
    inside = (low <= 0) & (high >= 0)
    tried = {name: (a <= 0) & (b >= 0) for name, (a, b) in _tried(values[given], seed).items()} if given.any() else {}
    others = {name: float(found.mean()) for name, found in tried.items()}
    ours = float(inside[given].mean()) if given.any() else float("nan")
    return Coverage(law, n, equal, sets, float(given.mean()), ours, others)


def _tried(values: Floats, seed: int) -> dict[str, tuple[Floats, Floats]]:
    """The ends of the 95 % intervals of each row (M, n) by the four usual ways."""
    n = values.shape[1]
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    mean, error = values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(n)
    means = counts @ values.T / n
    half = t_quantile(0.95, n - 1) * error
    squares = counts @ (values.T**2) / n
    errors = np.sqrt(np.maximum(squares - means**2, 0.0) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        studentised = np.where(errors > 1e-12, (means - mean) / errors, np.sign(means - mean) * np.inf)
    studentised = np.nan_to_num(studentised, nan=0.0, posinf=1e9, neginf=-1e9)
    down, up = np.quantile(studentised, (0.025, 0.975), axis=0)
    return {
        "percentile": tuple(np.quantile(means, (0.025, 0.975), axis=0)),
        "t": (mean - half, mean + half),
        "BCa": _bca(values, means, mean),
        "bootstrap-t": (mean - up * error, mean - down * error),
    }


def _bca(values: Floats, means: Floats, mean: Floats) -> tuple[Floats, Floats]:
    below = ((means < mean).mean(axis=0) + (means <= mean).mean(axis=0)) / 2
    bias = _QUANTILE(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    centred = values - mean[:, None]
    skew = (centred**3).sum(axis=1) / (6 * np.maximum((centred**2).sum(axis=1), 1e-300) ** 1.5)
    ordered = np.sort(means, axis=0)
    ends = []
    for z in (-1.96, 1.96):
        level = _NORMAL(bias + (bias + z) / (1 - skew * (bias + z)))
        ends.append(ordered[np.clip((level * RESAMPLES).astype(int), 0, RESAMPLES - 1), np.arange(len(values))])
    return ends[0], ends[1]


# --- best weights ---


def weight_coverage(n: int, sets: int, seed: int) -> tuple[float, float]:
    """How often the interval of a best weight holds the best weight of all queries, and how wide it is: n queries out
    of 4,000 with a text that knows more than the picture."""
    population = _curves(4_000)
    best = best_weight(population.mean(axis=0))
    rng = np.random.default_rng((seed, n))
    drawn_sets = (population[rng.integers(len(population), size=n)] for _ in range(sets))
    everyone = Groups(("all",), np.zeros(n, np.int64))
    found = [group_weights(everyone, grid).iloc[0] for grid in drawn_sets]
    held = [row["weight low"] - 1e-9 <= best <= row["weight high"] + 1e-9 for row in found]
    return float(np.mean(held)), float(np.median([row["weight high"] - row["weight low"] for row in found]))


@lru_cache(maxsize=1)
def _curves(queries: int) -> Floats:
    """(Q, 101) NDCG at each weight of slates of twenty products, whose scores rise with their gain."""
    rng = np.random.default_rng(0)
    gains = rng.choice([1.0, 0.1, 0.01, 0.0], p=[0.4, 0.3, 0.05, 0.25], size=(queries, 20))
    gains = gains[gains.any(axis=1)]
    text, image = (knows * gains + rng.normal(size=gains.shape) for knows in (1.5, 0.7))
    ranked = (np.argsort(-((1 - w) * text + w * image), axis=1) for w in inside(WEIGHTS))
    return np.stack([ndcg(np.take_along_axis(gains, order, axis=1)) for order in ranked], axis=1)


# --- verdicts ---


def told_apart(law: Law, n: int, equal: float, sets: int, seed: int) -> float:
    """How often a verdict says that one of two equally good runs is better."""
    values = drawn(law, n, equal, sets, seed)
    ps = randomisation_ps(values, RESAMPLES, seed)
    found = (verdict(outcomes(row), float(row.mean()), float(p)) for row, p in zip(values, ps, strict=True))
    return sum(each.sure for each in found) / sets


def allowed(sets: int) -> float:
    """5 % and two standard errors."""
    return 0.05 + 2 * float(np.sqrt(0.05 * 0.95 / sets))


def _lines(sets: int, seed: int) -> Iterator[tuple[str, bool]]:
    yield f"coverage of 95 % intervals, {sets:,} sets; in brackets the share of sets that have one", True
    for law in LAWS:
        for equal in TIES:
            for n in COUNTS:
                found = coverage(law, n, equal, sets, seed)
                others = "  ".join(f"{name} {share:.3f}" for name, share in found.others.items())
                what = f"{law.name:14}{equal:4.0%} equal  n {n:3}: {found.ours:.3f} ({found.given:.2f})"
                yield f"{what}  {others}  {found.broken}".rstrip(), not found.broken
    few = max(sets // 5, 1)
    yield f"coverage of 95 % intervals of the best weight, {few:,} sets; their median width", True
    for n in COUNTS[2:]:
        share, width = weight_coverage(n, few, seed)
        yield f"n {n:3}: {share:.3f} ({width:.2f})", share >= 0.9
    yield f"equally good runs told apart, at most {allowed(sets):.4f} where they are exchangeable", True
    for law in LAWS:
        for equal in TIES:
            shares = [told_apart(law, n, equal, sets, seed) for n in COUNTS]
            fine = not law.symmetric or max(shares) <= allowed(sets)
            rates = "  ".join(f"{n}: {share:.3f}" for n, share in zip(COUNTS, shares, strict=True))
            yield f"{law.name:14}{equal:4.0%} equal  {rates}{'' if fine else '  TOO OFTEN'}", fine


def main() -> int:
    """Prints all tables; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = 0
    for line, fine in _lines(options.sets, options.seed):
        print(line, flush=True)
        broken += not fine
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
