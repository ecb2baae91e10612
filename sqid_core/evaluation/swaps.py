"""Why one ranking of a slate scores more than another: the pairs of products that changed places, each with its
share of the difference.

The products move from their rank in A to their rank in B at constant speed, all at the same time; whenever two meet
they exchange places, as neighbours, so every pair whose order differs is exchanged exactly once. An exchange at ranks p
and p + 1 changes NDCG by (gain of the one that goes up - gain of the other) (discount of p - discount of p + 1) / ideal
DCG, and these add up to NDCG(B) - NDCG(A). Where more than two meet in one point, the ones that were further ahead go
down first. Going from B to A gives the same exchanges with the sign changed. See docs/decisions/0007.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..types import Floats, Positions
from ..wording import counted
from .metrics import dcg, discounts, ideal_dcg


@dataclass(frozen=True, eq=False)
class Swaps:
    """The exchanges that change NDCG, those with the largest share first.

    up, down: (S,) positions in the slate of the product that went up and of the one it passed. contribution: (S,) to
    NDCG(B) - NDCG(A). rank: (S,) where they met: the product went up from rank + 1 to this rank. difference:
    NDCG(B) - NDCG(A), the sum of the contributions; nan where no product of the slate has a gain. equal_gains: how many
    exchanges of products of equal gain there are, which change nothing and are left out.
    """

    up: Positions = field(repr=False)
    down: Positions = field(repr=False)
    contribution: Floats = field(repr=False)
    rank: Positions = field(repr=False)
    difference: float
    equal_gains: int

    def __len__(self) -> int:
        return len(self.up)

    def __repr__(self) -> str:
        return f"Swaps({counted(len(self), 'swap', 'swaps')} that add up to {self.difference:.4f})"


def slate_swaps(order_a: Positions, order_b: Positions, gains: Floats) -> Swaps:
    """The swaps that turn order A of a slate into order B.

    order_a, order_b: (C,) the slate's positions, best first. gains: (C,) of each product, in slate order. Raises
    ValueError where the orders are not of one slate.
    """
    count = len(gains)
    for name, ranked in (("order_a", order_a), ("order_b", order_b)):
        if ranked.shape != (count,) or not np.array_equal(np.sort(ranked), np.arange(count)):
            raise ValueError(f"{name} must hold each of the slate's {count} positions once, got {ranked}")
    ideal = float(ideal_dcg(gains))
    ahead, behind, rank = _exchanges(_ranks(order_b)[order_a])
    # From places in A's order to positions in the slate; whoever is behind goes up.
    up, down = order_a[behind], order_a[ahead]
    matters = gains[up] != gains[down]
    equal = int(np.count_nonzero(~matters))
    if ideal <= 0:
        nothing = np.empty(0, dtype=np.int64)
        return Swaps(nothing, nothing, np.empty(0), nothing, np.nan, equal)
    up, down, rank = up[matters], down[matters], rank[matters]
    weights = discounts(count)
    contribution = (gains[up] - gains[down]) * (weights[rank] - weights[rank + 1]) / ideal
    largest = np.argsort(-np.abs(contribution), kind="stable")
    difference = float(dcg(gains[order_b]) - dcg(gains[order_a])) / ideal
    return Swaps(up[largest], down[largest], contribution[largest], rank[largest] + 1, difference, equal)


def _ranks(order: Positions) -> Positions:
    """(C,) the place of each position, 0 the best."""
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _exchanges(target: Positions) -> tuple[Positions, Positions, Positions]:
    """The exchanges of neighbours that take a row of products to their places, in the order in which they happen.

    target: (C,) where the product at each place must go. Returns (S,) the starting place of the one ahead, that of the
    one behind, and the place of the one ahead when they meet.
    """
    first, second = np.triu_indices(len(target), 1)
    inverted = target[first] > target[second]
    first, second = first[inverted], second[inverted]
    apart, beyond = second - first, target[first] - target[second]
    # Quotients of small whole numbers: equal moments are equal floats. Pairs come in the order of the one ahead, then
    # of the one behind, and a stable sort leaves them so: the rule for those that meet in one point.
    happens = np.argsort(apart / (apart + beyond), kind="stable")
    first, second = first[happens], second[happens]
    return first, second, _meeting_places(first, second, len(target))


def _meeting_places(first: Positions, second: Positions, count: int) -> Positions:
    """(S,) the place of `first` when each exchange happens: where it started, one more for each exchange in which it
    was passed before, one less for each in which it passed another."""
    # Narrow whole numbers are sorted by radix, several times faster.
    products = np.stack([first, second], axis=1).ravel().astype(np.int16 if count < 2**15 else np.int64)
    by_product = np.argsort(products, kind="stable")
    moved = np.concatenate([[0], np.cumsum(np.tile([1, -1], len(first))[by_product])])
    starts = np.concatenate([[0], np.cumsum(np.bincount(products, minlength=count))])
    before = np.empty(len(products), dtype=np.int64)
    before[by_product] = moved[:-1] - moved[starts][products[by_product]]
    return first + before[::2]


# --- which signal wanted it ---


@dataclass(frozen=True)
class Cause:
    """What the signals say about a product that went up and the one it passed; each names signals.

    prefer, against: those that score it higher, or lower. lacks, passed_lacks: those that do not know it, or the other.
    Signals that score both the same are in none.
    """

    prefer: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    passed_lacks: tuple[str, ...] = ()


# States of a signal in the base-5 code of a cause.
_PREFERS, _AGAINST, _LACKS, _PASSED_LACKS = 1, 2, 3, 4


def causes(
    found: Swaps, scores: Mapping[str, Floats], before: Mapping[str, Floats] | None = None
) -> tuple[tuple[Cause, ...], npt.NDArray[np.intp]]:
    """The causes that occur, and (S,) which of them each swap has.

    scores: (C,) the raw scores of each signal that run B reads, nan where it does not know a product. before: of those
    that run A alone reads. These can be against the product that went up, or lack it, and count no more; but what they
    prefer is no cause. Where a signal knows neither product, it lacks the one that went up.
    """
    code = np.zeros(len(found), dtype=np.int64)
    every = {**scores, **(before or {})}
    for name, values in every.items():
        up, down = values[found.up], values[found.down]
        states = [np.isnan(up), np.isnan(down), (up > down) & (name in scores), up < down]
        code = 5 * code + np.select(states, [_LACKS, _PASSED_LACKS, _PREFERS, _AGAINST], 0)
    codes, index = np.unique(code, return_inverse=True)
    return tuple(_cause(int(one), list(every)) for one in codes), index


def _cause(code: int, names: list[str]) -> Cause:
    states = {name: code // 5**place % 5 for place, name in enumerate(reversed(names))}

    def signals(state: int) -> tuple[str, ...]:
        return tuple(name for name in names if states[name] == state)

    return Cause(signals(_PREFERS), signals(_AGAINST), signals(_LACKS), signals(_PASSED_LACKS))
