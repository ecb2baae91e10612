"""Judgements by the query's text, as tools for tuning a search engine take them: Quepid, OpenSearch; and features for
learning to rank."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from precompute.write.exported import Taken, Written, write_table
from precompute.write.text_files import write_lines
from sqid_core.bundle.learned_signal import reads_labels
from sqid_core.exports.trec_runs import trec_word
from sqid_core.learning.features import feature_groups, features
from sqid_core.learning.slates import judged_slates
from sqid_core.wording import counted


def _by_text(taken: Taken) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """query (its text), docid, rating of each pair once, and what was lost: some queries may have one text."""
    texts = taken.dataset.queries["query"].to_numpy()[taken.pairs["query"]]
    frame = pd.DataFrame({"query": texts, "docid": taken.pairs["product_id"], "rating": taken.graded})
    once = frame.drop_duplicates(["query", "docid"], ignore_index=True)
    apart = len(frame.drop_duplicates()) - len(once)
    queries = taken.pairs["query"].nunique() - frame["query"].nunique()
    notes = []
    if queries:
        same = counted(queries, "query has", "queries have")
        notes.append(f"{same} the text of another: here they are one, as judgements go by the text")
    if apart:
        notes.append(f"{counted(apart, 'pair was', 'pairs were')} judged differently there: the first grade is kept")
    return once, tuple(notes)


def write_quepid(taken: Taken, folder: Path) -> Written:
    """judgements.csv, a book of Quepid's; the products and queries as tables."""
    frame, notes = _by_text(taken)
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "judgements.csv", index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    write_table(taken.products, folder / "products.parquet")
    again = f'--from quepid --products products.parquet --judgements judgements.csv --labels "{taken.grade_scale}"'
    return Written(again, notes)


def write_opensearch(taken: Taken, folder: Path) -> Written:
    """judgments.json, for the import of judgement lists; queryset.json; products.ndjson, for the bulk API."""
    frame, notes = _by_text(taken)
    name, rated = taken.dataset.name, frame.assign(rating=frame["rating"].map(lambda grade: str(float(grade))))
    lists = [
        {"query": query, "ratings": part.rename(columns={"docid": "docId"})[["docId", "rating"]].to_dict("records")}
        for query, part in rated.groupby("query", sort=False)
    ]
    queries = [{"queryText": each["query"]} for each in lists]
    asked = {"name": name, "description": name, "sampling": "manual", "querySetQueries": queries}
    _write_json(folder / "judgments.json", {"name": name, "type": "IMPORT_JUDGMENT", "judgmentRatings": lists})
    _write_json(folder / "queryset.json", asked)
    write_lines(folder / "products.ndjson", _bulk(taken))
    write_table(taken.products, folder / "products.parquet")
    again = f'--from opensearch --products products.parquet --judgements judgments.json --labels "{taken.grade_scale}"'
    return Written(again, notes)


def _bulk(taken: Taken) -> Iterator[str]:
    for product in taken.products.to_pylist():
        yield json.dumps({"index": {"_id": product["product_id"]}}, ensure_ascii=False)
        yield json.dumps({key: value for key, value in product.items() if value is not None}, ensure_ascii=False)


def write_ltr(taken: Taken, folder: Path) -> Written:
    """features.txt in SVMrank's form, grade qid:number feature:value; names.tsv of the features; folds.tsv."""
    dataset = taken.dataset
    signals = {name: signal for name, signal in dataset.signals.items() if not reads_labels(signal)}
    slates = judged_slates(dataset, signals)
    found = features(slates, feature_groups(signals.values()))
    grades, pairs = taken.graded.tolist(), taken.pairs
    write_lines(folder / "features.txt", _examples(grades, pairs, found.values))
    names = zip(range(1, len(found.names) + 1), found.groups, found.names, strict=True)
    write_lines(folder / "names.tsv", ("\t".join(map(str, each)) for each in names))
    if (folds := taken.folds) is not None:
        write_lines(folder / "folds.tsv", (f"{query}\t{fold}" for query, fold in enumerate(folds.tolist(), start=1)))
    learned = [name for name in dataset.signals if name not in signals]
    notes = ("what is unknown is left out of a line; readers that take it for 0 need another value",)
    return Written("", notes + ((f"without {', '.join(learned)}, which learned from these labels",) if learned else ()))


def _examples(grades: list[int], pairs: pd.DataFrame, values: np.ndarray) -> Iterator[str]:
    told = zip(grades, pairs["query"], pairs["query_id"], pairs["product_id"], values, strict=True)
    for grade, query, query_id, product_id, row in told:
        known = np.flatnonzero(np.isfinite(row))
        numbers = zip((known + 1).tolist(), row[known].tolist(), strict=True)
        cells = " ".join(f"{column}:{value!r}" for column, value in numbers)
        yield f"{grade} qid:{query + 1} {cells} # {trec_word(query_id)} {trec_word(product_id)}"


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
