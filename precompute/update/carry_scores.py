"""Scores of judged pairs in a bundle that is written anew: they stay where they are of the pairs that are judged."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from precompute.update.carrying import Carrying
from precompute.update.pair_scores import write_reranked
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.reranked import MODEL_FOLDER, RerankedSignal
from sqid_core.bundle.signals import ScoredSignal


def judged_scores(carrying: Carrying, name: str, signal: ScoredSignal) -> None:
    """A run's scores, or a cross-encoder's, where every pair that is judged now was judged then; for others nobody
    knows what it said. A cross-encoder read texts: where one of them is another, its scores go too."""
    before, tables = carrying.before, carrying.changes.new
    scale = carrying.writer.manifest.label_scale
    ids = tables.products["product_id"].to_pylist(), tables.queries["query_id"].to_pylist()
    now = Judgements.from_frame(tables.judgements.to_pandas(), *ids, scale)
    then = before.judgements
    old, new = (_pairs(each, products) for each, products in ((then, before.products["product_id"]), (now, ids[0])))
    places = old.get_indexer(new)
    again = f"{before.folder} --signal {name} --modality {signal.modality}"
    if isinstance(signal, RerankedSignal) and ((places < 0).any() or not _read_the_same(carrying, signal, now)):
        carrying.say(
            f"{name} is dropped, since the cross-encoder scored other pairs or texts; score them again: python -m "
            f"precompute rerank {again} --model {signal.reranker.model or 'FOLDER'}"
        )
        return
    if (places < 0).any():
        carrying.say(
            f"the run {name} is dropped, since it was read for other judgements; import it again: python -m precompute "
            f"run-file {again} --run FILE"
        )
        return
    scores = np.full(now.rows.shape, np.nan)
    scores[now.mask] = signal.scores[then.mask][places]
    if isinstance(signal, RerankedSignal):
        place = before.folder / "signals" / name / MODEL_FOLDER
        files = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
        write_reranked(carrying.writer, replace(signal, scores=scores), files)
        carrying.say(f"{name}: the cross-encoder's scores are kept")
        return
    about = json.loads((before.folder / "signals" / name / "signal.json").read_text(encoding="utf-8"))
    carrying.writer.write_scores(name, signal.modality, scores, about.get("origin", {}))
    carrying.say(f"{name}: the run's scores are kept")


def _read_the_same(carrying: Carrying, signal: RerankedSignal, now: Judgements) -> bool:
    """Whether the texts of all judged pairs are those that were scored."""
    found = carrying.changes
    products = np.unique(now.rows[now.mask])
    queries = np.flatnonzero(now.lengths)
    asked = dict(zip(found.old.queries["query_id"].to_pylist(), found.old.queries["query"].to_pylist(), strict=True))
    texts = found.new.queries["query"].to_pylist()
    same_queries = all(asked.get(now.query_ids[row]) == texts[row] for row in queries)
    return same_queries and all(found.same(column)[products].all() for column in signal.fields)


def _pairs(judgements: Judgements, products: pd.Series | list[str]) -> pd.MultiIndex:
    queries, slots = np.nonzero(judgements.mask)
    rows = judgements.rows[queries, slots]
    return pd.MultiIndex.from_arrays([judgements.query_ids[queries], np.asarray(products, dtype=object)[rows]])
