"""Pooling: what rankings put on top and nobody judged. Once judged, numbers over the whole catalogue are honest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal, SearchingSignal
from ..errors import InputError
from ..evaluation.run_specs import RunSpec, check_run, signal_names
from ..indexes.exact import ExactIndex
from ..indexes.top_rows import top_rows
from ..ranking.candidates import catalogue_candidates, fused_ranking, own_cosines
from ..ranking.mixes import preferring, signal_named
from ..types import Floats, Rows, Vectors
from ..wording import counted, listed, short
from .drawn import CHOSEN, Drawn, pair_frame

# Queries between two words of progress.
_AT_ONCE = 64


def pooled(
    dataset: Dataset,
    runs: Sequence[RunSpec],
    k: int = 10,
    queries: Rows | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Drawn:
    """The products that are among the first k of any of the runs, over the whole catalogue, and not judged.

    Best ranks first, so that a book left half done is a pool of smaller depth. queries: row numbers, all judged ones if
    None. progress: gets how many searches are done, of how many. Exact, as the search page ranks: of processor, a
    signal of 164,900 products and 768 dimensions takes 7 ms a query, a fusion of two 90. Raises InputError for a run
    that ranks judged products alone, and without a run.
    """
    rows = np.flatnonzero(dataset.judgements.lengths) if queries is None else np.asarray(queries)
    if not runs or k < 1:
        raise InputError("pooling takes at least one run, and the first product or more of each")
    total, done = len(runs) * len(rows), 0
    found: list[pd.DataFrame] = []
    for spec in runs:
        for block, products in _searched(dataset, spec, k, rows):
            found.append(_unjudged(dataset, block, products, short(spec.title)))
            done += len(block)
            if progress is not None:
                progress(done, total)
    names = listed((short(spec.title) for spec in runs), 120)
    source = f"{CHOSEN}: unjudged among the first {k} of {names}, {counted(len(rows), 'query', 'queries')}"
    return Drawn(source, _pool(dataset, pd.concat(found)) if found else pair_frame(dataset, rows[:0], rows[:0], []))


def _searched(dataset: Dataset, spec: RunSpec, k: int, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Queries (q,) and their first products (q, k), -1 where there are fewer."""
    check_run(dataset, spec)
    signals = [signal_named(dataset, name) for name in signal_names(dataset, spec)]
    able = [signal for signal in signals if isinstance(signal, SearchingSignal)]
    if len(able) < len(signals):
        flat = next(signal.name for signal in signals if not isinstance(signal, SearchingSignal))
        raise InputError(
            f"{short(spec.title)} cannot be pooled: {short(flat)} ranks judged products only; choose a run whose "
            "signals can search"
        )
    blocks = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
    if spec.fusion is None:
        first = able[0]
        if isinstance(first, DenseSignal):
            index = ExactIndex(first.products, first.present)
            for block in blocks:
                # A matrix product takes its rows as they lie.
                yield block, index.search(np.asarray(first.queries[block]), k).rows
            return
        for block in blocks:
            yield block, np.stack([_alone(dataset, first, k, int(query)) for query in block])
        return
    mixed = preferring(dataset, *(signal.name for signal in able))
    own = own_cosines(mixed) if spec.fusion.needs_own else None
    for block in blocks:
        yield block, np.stack([_fused(mixed, spec, k, int(query), own) for query in block])


def _fused(dataset: Dataset, spec: RunSpec, k: int, query: int, own: Floats | None) -> Rows:
    """(k,) the first products of a fusion over the catalogue, as the search page has them."""
    fusion = spec.fusion
    if fusion is None:
        raise ValueError("this run mixes nothing")
    candidates = catalogue_candidates(dataset, _vectors(dataset, query), fusion, own=own, text=_text(dataset, query))
    return _padded(fused_ranking(candidates, fusion, k).rows, k)


def _alone(dataset: Dataset, signal: SearchingSignal, k: int, query: int) -> Rows:
    """(k,) the first products by one signal that scores them; a product that it gives nothing is not found by it."""
    scores = signal.searched(_vectors(dataset, query), _text(dataset, query))
    if scores is None:
        return np.full(k, -1)
    rows = top_rows(np.where(np.isnan(scores), -np.inf, scores), k)
    return _padded(rows[np.isfinite(scores[rows])], k)


def _vectors(dataset: Dataset, query: int) -> dict[str, Vectors]:
    """What each encoder of the bundle made of a query."""
    stored = {name: dataset.query_vectors(name) for name in dataset.manifest.encoders}
    return {name: vectors[query] for name, vectors in stored.items() if vectors is not None}


def _text(dataset: Dataset, query: int) -> str:
    return str(dataset.queries["query"].iloc[query])


def _padded(rows: Rows, k: int) -> Rows:
    return np.append(rows, np.full(k - len(rows), -1))


def _unjudged(dataset: Dataset, queries: Rows, products: Rows, name: str) -> pd.DataFrame:
    """Columns query, product (row numbers), rank (from 1), run."""
    query, place = np.nonzero(products >= 0)
    product = products[query, place]
    slates = dataset.judgements.rows[queries]
    judged = np.concatenate(
        [(part[:, :, None] == slate[:, None, :]).any(axis=2) for part, slate in _few(products, slates)]
    )
    fresh = ~judged[query, place]
    return pd.DataFrame({"query": queries[query], "product": product, "rank": place + 1, "run": name})[fresh]


def _few(products: Rows, slates: Rows) -> Iterator[tuple[Rows, Rows]]:
    return ((products[at : at + 8], slates[at : at + 8]) for at in range(0, max(len(products), 1), 8))


def _pool(dataset: Dataset, found: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, by its best rank; of equal ranks queries in the bundle's order."""
    reasons: dict[tuple[int, int], list[str]] = {}
    for query, product, rank, run in found.sort_values(["rank", "query"], kind="stable").itertuples(index=False):
        reasons.setdefault((query, product), []).append(f"rank {rank} of {run}")
    rows = np.array([*reasons], dtype=np.int64).reshape(len(reasons), 2)
    return pair_frame(dataset, rows[:, 0], rows[:, 1], [", ".join(each) for each in reasons.values()])
