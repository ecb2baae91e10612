"""Pairs drawn by chance: the only books whose results speak for the pairs that are not in them.

The pairs with the smallest hash are taken: the same seed gives the same book everywhere, and a book that is judged in
its own order is a random sample wherever one stops. Without strata a larger book holds the smaller one; with strata it
need not, as each stratum's share is rounded, and small strata are one in a small book.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..analysis.groupings import categories
from ..bundle.load import Dataset
from ..bundle.tables import tie_keys
from ..errors import InputError
from ..types import Array, Floats, Names, Positions
from ..wording import counted
from .drawn import Drawn, pair_frame

# A stratum of fewer could not tell how far its units differ.
LEAST_A_STRATUM = 2
_OTHERS, _NONE, _ALL = "other categories", "no category", "all"


def drawn_pairs(dataset: Dataset, count: int, seed: int = 0, by_category: bool = True) -> Drawn:
    """So many judged pairs. by_category: of each category of queries its share (proportional, rounded to the largest
    remainders); categories too small for two pairs are one. Raises InputError for none, or where nothing is judged."""
    query, place = np.nonzero(dataset.judgements.mask)
    product = dataset.judgements.rows[query, place]
    ids = dataset.products["product_id"].to_numpy(dtype=object)[product]
    texts = dataset.judgements.query_ids[query]
    keys = tie_keys(f"{seed}\0{one}\0{other}" for one, other in zip(texts, ids, strict=True))
    strata = _strata(dataset, by_category)[query]
    taken, probability, names = _drawn(keys, strata, count)
    what = counted(len(taken), "judged pair", "judged pairs")
    pairs = pair_frame(dataset, query[taken], product[taken], _why(names), probability, names)
    return Drawn(f"drawn by chance: {what} of {len(query):,}{_how(by_category)}, seed {seed}", pairs, by_chance=True)


def drawn_queries(dataset: Dataset, count: int, seed: int = 0, by_category: bool = True) -> Drawn:
    """So many judged queries with all of their judged pairs: what means per query under corrected labels take. Else as
    `drawn_pairs`."""
    judgements = dataset.judgements
    judged = np.flatnonzero(judgements.lengths)
    keys = tie_keys(f"{seed}\0{query_id}" for query_id in judgements.query_ids[judged])
    taken, probability, names = _drawn(keys, _strata(dataset, by_category)[judged], count)
    lengths = judgements.lengths[judged[taken]]
    query = np.repeat(judged[taken], lengths)
    slot = np.arange(len(query)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    repeated = np.repeat(np.array(names, dtype=object), lengths).tolist()
    pairs = pair_frame(
        dataset, query, judgements.rows[query, slot], _why(repeated), np.repeat(probability, lengths), repeated
    )
    what = f"{counted(len(taken), 'query', 'queries')} of {len(judged):,} with all their judged pairs"
    return Drawn(f"drawn by chance: {what}{_how(by_category)}, seed {seed}", pairs, by_chance=True)


def _strata(dataset: Dataset, by_category: bool) -> Names:
    """(Q,) what each query's pairs are drawn from."""
    found = categories(dataset) if by_category else np.full(len(dataset.judgements), _ALL, dtype=object)
    return np.array([_NONE if name is None else name for name in found], dtype=object)


def _how(by_category: bool) -> str:
    return ", stratified by category" if by_category else ""


def _why(strata: list[str]) -> list[str]:
    return [f"drawn by chance from {name}" for name in strata]


def _drawn(keys: Array, strata: Names, count: int) -> tuple[Positions, Floats, list[str]]:
    """(n,) which units (U,) are drawn, in the order of their keys, (n,) with which probability, and from what."""
    if count < 1 or not len(keys):
        raise InputError(f"a random book takes one pair or more of those that are judged, got {count}")
    count = min(count, len(keys))
    codes, found = pd.factorize(strata)
    of_unit, names = _joined(codes, [str(name) for name in found], count)
    sizes = np.bincount(of_unit, minlength=len(names))
    wanted = allotted(sizes, count)
    order = np.argsort(keys, kind="stable")
    # The place of each unit in its stratum, by key.
    by_stratum = order[np.argsort(of_unit[order], kind="stable")]
    place = np.empty(len(keys), dtype=np.int64)
    place[by_stratum] = np.arange(len(keys)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    taken = order[place[order] < wanted[of_unit[order]]]
    probability = wanted[of_unit[taken]] / sizes[of_unit[taken]]
    return taken, probability, [names[code] for code in of_unit[taken]]


def _joined(codes: Positions, names: list[str], count: int) -> tuple[Positions, list[str]]:
    """Strata (U,) and their names, those whose share would be less than two units as one, with as many of the smallest
    others as that takes."""
    sizes = np.bincount(codes, minlength=len(names))
    shares = count * sizes / max(sizes.sum(), 1)
    order = np.argsort(sizes, kind="stable")
    few = int((shares < LEAST_A_STRATUM).sum())
    while 0 < few < len(names) and shares[order[:few]].sum() < LEAST_A_STRATUM:
        few += 1
    if few < 2:
        return codes, names
    kept = [code for code in range(len(names)) if code not in set(order[:few].tolist())]
    number = np.full(len(names), len(kept))
    number[kept] = np.arange(len(kept))
    return number[codes], [*(names[code] for code in kept), _OTHERS if kept else _ALL]


def allotted(sizes: Positions, count: int) -> Positions:
    """(H,) how many units each stratum gives, in proportion to its size (H,), by largest remainders."""
    exact = count * sizes / max(int(sizes.sum()), 1)
    found = np.floor(exact + 1e-9).astype(np.int64)
    left = count - int(found.sum())
    found[np.argsort(-(exact - found), kind="stable")[:left]] += 1
    return np.minimum(found, sizes)
