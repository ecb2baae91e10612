"""A data set of plain frames, without a folder: for notebooks and programs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..types import Modality
from .judgements import Judgements
from .labels import ESCI, LabelScale, grade_number
from .load import Dataset
from .manifest import Manifest, SignalSpec
from .own_scales import number_scale, scale_of
from .signals import SCORED, ScoredSignal, Signal
from .tables import PRODUCT_COLUMNS, QUERY_COLUMNS, tie_keys

_PAIR = ("query_id", "product_id")


def dataset_of(
    judgements: Any,
    runs: Mapping[str, Any],
    *,
    products: pd.DataFrame | None = None,
    queries: pd.DataFrame | None = None,
    gains: Mapping[str, float] | None = None,
    images: tuple[str, ...] = (),
    name: str = "frames",
) -> Dataset:
    """Judged pairs and the rankings that are to be compared, fused or measured.

    judgements: a frame of query_id, product_id and label, or grades as {query: {product: grade}}, or ranx's Qrels.
    runs: by name a frame of query_id, product_id and score, {query: {product: score}}, or ranx's Run; what of it was
    not judged is left out. products: product_id, title and whatever else; the ids alone if None. queries: query_id and
    query. gains: what each label is worth; if None numbers are their own, and words are ESCI's. images: the runs that
    read pictures, all others read texts. Raises InputError.

    >>> found = dataset_of({"q": {"a": 1, "b": 0, "c": 2}}, {"mine": {"q": {"a": 0.3, "b": 0.9, "c": 0.1}}})
    >>> found
    Dataset(frames: 3 products, 1 query, signals mine)
    >>> evaluate(found, run_of(found, "mine"))
    MetricReport(mine: ndcg 0.6199, ndcg@10 0.6199, …; 1 query, gains own)
    """
    pairs = _pairs(judgements, "label", "the judgements")
    pairs["label"] = pairs["label"].map(_label)
    scale = _scale(pairs["label"], gains)
    known = _products(products, pairs)
    asked = _queries(queries, pairs)
    judged = Judgements.from_frame(pairs, known["product_id"], asked["query_id"], scale)
    signals: dict[str, Signal] = {}
    for run, scores in runs.items():
        modality: Modality = "image" if run in images else "text"
        signals[run] = ScoredSignal(run, modality, _scores(_pairs(scores, "score", f"the run {run}"), judged, known))
    unknown = [run for run in images if run not in runs]
    if unknown:
        raise InputError(f"images names {unknown[0]!r}, which is no run; there are: {', '.join(runs) or 'none'}")
    counts = {"products": len(known), "queries": len(asked), "judgements": len(pairs)}
    specs = {run: SignalSpec(signal.modality, "", kind=SCORED) for run, signal in signals.items()}
    # Frames have no files: what caches and files know them by is made of their numbers.
    made_of = hashlib.sha256(repr((judged.digest, list(known["product_id"]), list(asked["query"]))).encode())
    for signal in signals.values():
        made_of.update(signal.slate_scores(judged).tobytes())
    manifest = Manifest(name, scale, counts, signals=specs, files={"frames": made_of.hexdigest()})
    return Dataset(Path(), manifest, known, asked, judged, signals)


def _pairs(given: Any, value: str, what: str) -> pd.DataFrame:
    """query_id, product_id and a value, ids as text."""
    if hasattr(given, "to_dict") and not isinstance(given, pd.DataFrame):
        given = given.to_dict()
    if isinstance(given, Mapping):
        if not all(isinstance(each, Mapping) for each in given.values()):
            raise InputError(
                f"{what} must hold an object of products for each query, as {{query: {{product: {value}}}}}"
            )
        rows = [(query, product, found) for query, each in given.items() for product, found in each.items()]
        given = pd.DataFrame(rows, columns=[*_PAIR, value])
    if not isinstance(given, pd.DataFrame):
        raise InputError(f"{what} must be a frame, a dict or ranx's, got {type(given).__name__}")
    lacking = [column for column in (*_PAIR, value) if column not in given]
    if lacking:
        raise InputError(f"{what} lack the column {lacking[0]!r}; they have: {', '.join(map(str, given.columns))}")
    found = given[[*_PAIR, value]].dropna().reset_index(drop=True)
    return found.assign(**{column: found[column].astype(str).astype(object) for column in _PAIR})


def _label(value: Any) -> str:
    """Numbers such as 2.0 as 2."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return np.format_float_positional(np.float32(value), trim="-") if number else str(value)


def _scale(labels: pd.Series, gains: Mapping[str, float] | None) -> LabelScale:
    if gains is not None:
        return scale_of([(_label(name), float(gain)) for name, gain in gains.items()])
    texts = [str(label) for label in labels.unique()]
    return number_scale(texts) if texts and all(grade_number(text) is not None for text in texts) else ESCI


def _products(given: pd.DataFrame | None, pairs: pd.DataFrame) -> pd.DataFrame:
    """In the order of the ties, with all columns of a bundle."""
    if given is None:
        ids = pairs["product_id"].unique()
        given = pd.DataFrame({"product_id": ids, "title": ids})
    found = _with_ids(given, "product_id", "products", ("title",))
    order = np.argsort(tie_keys(found["product_id"]), kind="stable")
    return _completed(found.iloc[order].reset_index(drop=True), tuple(PRODUCT_COLUMNS))


def _queries(given: pd.DataFrame | None, pairs: pd.DataFrame) -> pd.DataFrame:
    if given is None:
        ids = pairs["query_id"].unique()
        given = pd.DataFrame({"query_id": ids, "query": ids})
    found = _with_ids(given, "query_id", "queries", ("query",))
    return _completed(found.reset_index(drop=True), tuple(QUERY_COLUMNS))


def _with_ids(given: pd.DataFrame, key: str, what: str, needed: tuple[str, ...]) -> pd.DataFrame:
    lacking = [column for column in (key, *needed) if column not in given]
    if lacking:
        raise InputError(f"the {what} lack the column {lacking[0]!r}; they have: {', '.join(map(str, given.columns))}")
    found = given.assign(**{key: given[key].astype(str).astype(object)})
    if found[key].duplicated().any():
        raise InputError(f"the {what} have the {key} {found[key][found[key].duplicated()].iloc[0]!r} twice")
    return found


def _completed(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    lacking = [column for column in columns if column not in frame]
    return frame.assign(**dict.fromkeys(lacking, None)) if lacking else frame


def _scores(pairs: pd.DataFrame, judged: Judgements, products: pd.DataFrame) -> np.ndarray:
    """(Q, C) of the judged pairs, nan where the run has none."""
    scores = np.full(judged.rows.shape, np.nan)
    asked, shown, said = (pairs[column].tolist() for column in pairs)
    found = dict(zip(zip(asked, shown, strict=True), map(float, said), strict=True))
    queries, slots = np.nonzero(judged.mask)
    ids = products["product_id"].to_numpy()[judged.rows[queries, slots]]
    values = [found.get(pair, np.nan) for pair in zip(judged.query_ids[queries], ids, strict=True)]
    scores[queries, slots] = values
    if np.isinf(scores).any():
        raise InputError("a run has an infinite score; leave such pairs out")
    return scores
