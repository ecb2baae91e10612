"""BEIR's folder, TREC's and ranx's files: queries, judgements as whole numbers, and a run a signal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from precompute.read.trec import QRELS
from precompute.write.exported import Taken, Written, write_table
from sqid_core.evaluation.reports import signal_run
from sqid_core.exports.trec_runs import safe_name, trec_word
from sqid_core.types import Floats

_OWN = "--products products.parquet --queries queries.parquet"


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """A text file in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def write_beir(taken: Taken, folder: Path) -> Written:
    """corpus.jsonl, queries.jsonl, qrels/test.tsv."""
    write_lines(folder / "corpus.jsonl", map(_json, _documents(taken)))
    texts = zip(taken.queries["query_id"], taken.queries["query"], strict=True)
    write_lines(folder / "queries.jsonl", (_json({"_id": each, "text": text}) for each, text in texts))
    pairs = zip(taken.pairs["query_id"], taken.pairs["product_id"], taken.graded, strict=True)
    rows = ("\t".join(map(str, pair)) for pair in pairs)
    write_lines(folder / "qrels" / "test.tsv", ["query-id\tcorpus-id\tscore", *rows])
    again = (
        "--from beir --products corpus.jsonl --queries queries.jsonl --judgements qrels/test.tsv "
        f'--labels "{taken.grade_scale}"'
    )
    return Written(again)


def _documents(taken: Taken) -> Iterator[dict[str, Any]]:
    """A product a document: title and description, everything else as metadata."""
    for product in taken.products.to_pylist():
        rest = {key: value for key, value in product.items() if value is not None}
        yield {
            "_id": rest.pop("product_id"),
            "title": rest.pop("title", ""),
            "text": rest.pop("description", ""),
            "metadata": rest,
        }


def write_trec(taken: Taken, folder: Path) -> Written:
    """qrels.txt, queries.tsv, a run a signal; the products as a table, for which TREC has no format."""
    _write_own(taken, folder)
    words = zip(map(trec_word, taken.queries["query_id"]), taken.queries["query"], strict=True)
    write_lines(folder / "queries.tsv", (f"{word}\t{' '.join(text.split())}" for word, text in words))
    queries, products = (taken.pairs[column].map(trec_word) for column in ("query_id", "product_id"))
    pairs = zip(queries, products, taken.graded, strict=True)
    write_lines(folder / QRELS, (f"{query} 0 {product} {grade}" for query, product, grade in pairs))
    for name, scores in taken.scores.items():
        write_lines(folder / "runs" / f"{safe_name(name)}.run", _run_lines(taken, name, scores))
    return Written(f'--from trec {_OWN} --judgements {QRELS} --labels "{taken.grade_scale}"')


def _write_own(taken: Taken, folder: Path) -> None:
    write_table(taken.products, folder / "products.parquet")
    write_table(taken.queries, folder / "queries.parquet")


def _ranked(taken: Taken, name: str, scores: Floats) -> pd.DataFrame:
    """The judged pairs that a signal knows with their scores and ranks from 1, in our order of each query."""
    judgements = taken.dataset.judgements
    ranks = np.argsort(signal_run(taken.dataset, name).order, axis=1)
    frame = taken.pairs.assign(score=scores, rank=ranks[judgements.mask] + 1)
    return frame[np.isfinite(scores)].sort_values(["query", "rank"], kind="stable")


def _run_lines(taken: Taken, name: str, scores: Floats) -> Iterator[str]:
    frame, tag = _ranked(taken, name, scores), safe_name(name)
    queries, products = (frame[column].map(trec_word) for column in ("query_id", "product_id"))
    for query, product, rank, score in zip(queries, products, frame["rank"], frame["score"], strict=True):
        yield f"{query} Q0 {product} {rank} {score!r} {tag}"


def write_ranx(taken: Taken, folder: Path) -> Written:
    """qrels.json and a run a signal, as `ranx.Qrels.from_file` and `ranx.Run.from_file` take them."""
    _write_own(taken, folder)
    _write_json(folder / "qrels.json", _by_query(taken.pairs, taken.graded.tolist()))
    for name, scores in taken.scores.items():
        frame = _ranked(taken, name, scores)
        _write_json(folder / "runs" / f"{safe_name(name)}.json", _by_query(frame, frame["score"].tolist()))
    return Written(f'--from ranx {_OWN} --judgements qrels.json --labels "{taken.grade_scale}"')


def _by_query(frame: pd.DataFrame, values: list[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for query, product, value in zip(frame["query_id"], frame["product_id"], values, strict=True):
        found.setdefault(query, {})[product] = value
    return found


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
