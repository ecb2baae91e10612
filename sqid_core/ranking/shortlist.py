"""Which products of a whole catalogue the board must hold, so that its first k are the catalogue's at every weight.

The union of both top-K lists need not hold the fused top. So products are ruled out stretch by stretch of the weight:
who cannot reach, anywhere on it, what k others are known to reach is never among the first k there. The few that
remain are ranked at every stop of the slider.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ..indexes.top_rows import top_rows
from ..types import Bools, Floats, Positions
from .candidates import Candidates, Prepared
from .fusion import Columns, Fusion, fuse

# The slider's weights: 0, .01 ... 1.
STOPS: Floats = np.arange(101) / 100
STOPS.flags.writeable = False
MOST = 400
# Stops apart that the bounds are taken at, coarse first. They start at .01 and divide .98, so that .5 is one of them.
_STEPS = (49, 7)
# More products than this are only left where very many have equal columns.
_CROWD = 100_000
# Of the columns' size: more than rounding can move a score.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The products that the board ranks.

    positions: (M,) in the candidates, ascending, so that a stable sort keeps the label-blind tie rule.
    certified: (101,) how many leading ranks of the fused list are the whole catalogue's at each of `STOPS`: k (or all
    there are), fewer only where the limit leaves no room. The text and the image list hold their first k always.
    """

    positions: Positions = field(repr=False)
    certified: Positions = field(repr=False)


def shortlist(
    candidates: Candidates,
    fusion: Fusion,
    k: int,
    most: int = MOST,
    only: Bools | None = None,
) -> Shortlist:
    """Every product that is among the first k of the text list, of the image list, or of the fused list at some stop.

    Where they are more than `most`, those that the weights nearest to the fusion's own need. Both single lists are
    always in: `most` must be 2 k at least. only: (C,) the products that count; the others are as if they were not
    there, while columns and ranks stay as they are prepared.
    """
    if most < 2 * k:
        raise ValueError(f"two lists of {k} products do not fit into {most}")
    rows = np.arange(len(candidates.rows)) if only is None else np.flatnonzero(only)
    singles = np.unique(np.concatenate([*Prepared(candidates).firsts(k, only).values()]))
    if candidates.columns is None:
        return Shortlist(singles, np.full(len(STOPS), min(k, len(rows))))
    firsts = first_at_every_stop(candidates.columns.take(rows), fusion, k)
    firsts = [rows[first] for first in firsts]
    chosen = _nearest(firsts, singles, fusion.image_weight, most)
    is_chosen = np.zeros(len(candidates.rows), dtype=bool)
    is_chosen[chosen] = True
    return Shortlist(chosen, np.array([_leading(is_chosen[first]) for first in firsts]))


def first_at_every_stop(columns: Columns, fusion: Fusion, k: int) -> list[Positions]:
    """The first k (or all) of the fused ranking of columns (C,) at each of `STOPS`, exactly. One array (k,) a stop.

    At 164,900 products this takes about 10 ms, where ranking them all at every stop takes 100 ms.
    """
    count = columns.a.shape[-1]
    pool = np.arange(count)
    if count > k:
        slack = _ROUNDING * max(float(np.abs(columns.a).max()), float(np.abs(columns.b).max()))
        known = np.concatenate([top_rows(fuse(columns, fusion, end), k) for end in (0.0, 1.0)])
        for step in _STEPS:
            part, weights = columns if len(pool) == count else columns.take(pool), STOPS[1:-1:step]
            scores = [fuse(part, fusion, weight) for weight in weights]
            known = np.unique(np.concatenate([known, *(pool[top_rows(at, k)] for at in scores)]))
            reached = _kth_best(columns.take(known), fusion, k) - slack
            pool = np.union1d(pool[_possible(part, scores, reached, step)], known)
            if len(pool) > _CROWD:
                pool = np.union1d(_first_of_equals(columns.take(pool), k, pool), known)
    part = columns.take(pool)
    return [pool[top_rows(fuse(part, fusion, weight), k)] for weight in STOPS]


def _possible(part: Columns, scores: list[Floats], reached: Floats, step: int) -> Bools:
    """(C,) who may be among the first k at one of the stops .01 to .99. scores: fused (C,) at every step-th of them.

    reached: (101,) what the k-th best has at least at each stop.
    """
    possible = np.zeros(len(part.a), dtype=bool)
    for i, (low, high) in enumerate(pairwise(scores)):
        stretch = slice(1 + i * step, 2 + (i + 1) * step)
        if part.c is None:
            # A weighted sum and the larger of two are convex in the weight: above a line at one end, or nowhere.
            at_low, at_high = _line_below(reached[stretch])
            possible |= (low >= at_low) | (high >= at_high)
        else:
            possible |= _highest_average(part.c, low, high, STOPS[stretch]) >= reached[stretch].min()
    return possible


def _line_below(values: Floats) -> tuple[float, float]:
    """The ends of a line that no value (evenly spaced) lies below: the chord, moved down."""
    chord = np.linspace(values[0], values[-1], len(values))
    lowered = float((chord - values).max())
    return float(values[0]) - lowered, float(values[-1]) - lowered


def _highest_average(c: Floats, low: Floats, high: Floats, stops: Floats) -> Floats:
    """(C,) at least the embedding average anywhere on a stretch of stops that does not go across .5.

    low, high: (C,) at its ends. The average is a line over a length, which is shortest at the end nearer to .5 and
    longest at the other.
    """
    lengths = [np.maximum(np.sqrt((1 - w) * (1 - w) + w * w + 2 * w * (1 - w) * c), 1e-6) for w in stops[[0, -1]]]
    line = np.maximum(low * lengths[0], high * lengths[1])
    return line / np.where(line > 0, np.minimum(*lengths), np.maximum(*lengths))


def _kth_best(part: Columns, fusion: Fusion, k: int) -> Floats:
    """(101,) the k-th highest fused score at each stop."""
    scores = fuse(part, fusion, STOPS[:, None])
    return np.partition(scores, -k, axis=1)[:, -k]


def _first_of_equals(part: Columns, k: int, pool: Positions) -> Positions:
    """Those of the pool that have fewer than k others with the same columns before them: more are never needed."""
    keys = [part.a, part.b] if part.c is None else [part.a, part.b, part.c]
    order = np.lexsort(keys)
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    return pool[order[np.arange(len(order)) - start < k]]


def _nearest(firsts: list[Positions], always: Positions, weight: float, most: int) -> Positions:
    """`always` and as many of the firsts as fit, by the distance of their stop from the weight, then by rank."""
    by_distance = np.argsort(np.abs(STOPS - weight), kind="stable")
    wanted = np.concatenate([always, *(firsts[stop] for stop in by_distance)])
    _, first_met = np.unique(wanted, return_index=True)
    return np.sort(wanted[np.sort(first_met)[:most]])


def _leading(is_chosen: Bools) -> int:
    """How many products at the head of a ranking are all chosen."""
    return len(is_chosen) if is_chosen.all() else int(np.argmin(is_chosen))
