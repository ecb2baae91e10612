"""Labels without their judges, as files that others read: TREC qrels, and examples in the format of ESCI."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.read.raw_files import any_words, column_names, product_ids, query_ids, read_frame
from precompute.read.trec import id_rows, integer_gains, qrels_lines
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError

_LABEL = "esci_label"


def qrels_text(dataset: Dataset, gains: str) -> str:
    """Every judgement with its gain as a whole number. Raises InputError where two labels have one gain: nobody could
    read them back."""
    _grades(dataset, gains)
    return "".join(f"{line}\n" for line in qrels_lines(dataset, gains))


def read_qrels(path: Path, dataset: Dataset, gains: str) -> pd.DataFrame:
    """query_id, product_id, label of every line. Raises InputError with the line that is none."""
    grades = _grades(dataset, gains)
    names = {text: dataset.scale.names[code] for text, code in grades.items()}
    known = [list(map(str, ids)) for ids in (dataset.judgements.query_ids, dataset.products["product_id"])]
    rows = [id_rows(ids) for ids in known]
    found = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4:
            raise InputError(
                f"line {number} of {path} has {len(parts)} fields; expected the 4 of TREC qrels: query_id 0 product_id "
                "grade"
            )
        if parts[3] not in names:
            told = ", ".join(f"{text} ({name})" for text, name in names.items())
            raise InputError(f"line {number} of {path} has the grade {parts[3][:40]!r}; expected one of: {told}")
        ids = (
            of[words[word]] if word in words else unquote(word)
            for word, words, of in zip((parts[0], parts[2]), rows, known, strict=True)
        )
        found.append((*ids, names[parts[3]]))
    return _checked(pd.DataFrame(found, columns=("query_id", "product_id", "label")), path)


def _grades(dataset: Dataset, gains: str) -> dict[str, int]:
    """A label's place by its grade in a file."""
    values = integer_gains(dataset.scale.gains(gains).tolist())
    found = {str(value): code for code, value in enumerate(values)}
    if len(found) < len(values):
        raise InputError(
            f"under the gains {gains} two labels are worth the same, so qrels cannot tell them apart; use other "
            "--gains, or CSV"
        )
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no UTF-8 text; expected TREC qrels, not compressed") from None


def esci_table(dataset: Dataset) -> pa.Table:
    """Every judgement with the columns of ESCI's examples. Query ids are whole numbers where all of them are, as there,
    and labels are letters."""
    judgements = dataset.judgements
    queries, slots = np.nonzero(judgements.mask)
    rows = judgements.rows[queries, slots]
    count = len(rows)
    ids = [str(each) for each in judgements.query_ids[queries]]
    numbers = all(each.isascii() and each.isdigit() and str(int(each)) == each for each in ids)
    texts, splits = (dataset.queries[name].to_numpy(dtype=object)[queries] for name in ("query", "split"))
    columns = {
        "example_id": pa.array(range(count), pa.int64()),
        "query": pa.array(texts, pa.string()),
        "query_id": pa.array(map(int, ids), pa.int64()) if numbers else pa.array(ids, pa.string()),
        "product_id": pa.array(dataset.products["product_id"].to_numpy(dtype=object)[rows], pa.string()),
        "product_locale": pa.array(
            dataset.products["locale"].to_numpy(dtype=object)[rows], pa.string(), from_pandas=True
        ),
        _LABEL: pa.array([dataset.scale.letters[code] for code in judgements.labels[queries, slots]], pa.string()),
        "small_version": pa.array(np.ones(count, dtype=np.int64)),
        "large_version": pa.array(np.ones(count, dtype=np.int64)),
        "split": pa.array([each if isinstance(each, str) else "test" for each in splits], pa.string()),
    }
    return pa.table(columns)


def write_parquet(table: pa.Table, path: Path) -> None:
    """One file."""
    pq.write_table(table, path, compression="zstd")


def read_esci(path: Path) -> pd.DataFrame:
    """query_id, product_id, label of every row of examples in ESCI's format, whatever other columns it has."""
    label = "label" if _LABEL not in (names := column_names(path)) and "label" in names else _LABEL
    frame = read_frame(path, {"query_id": query_ids, "product_id": product_ids, label: any_words})
    return _checked(frame.rename(columns={label: "label"}).astype(object), path)


def _checked(labels: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Raises InputError for a pair with two labels, or no pair at all."""
    if labels.empty:
        raise InputError(f"{path} holds no judgement")
    once = labels.drop_duplicates()
    twice = once[once.duplicated(["query_id", "product_id"])]
    if len(twice):
        query, product = twice[["query_id", "product_id"]].iloc[0]
        raise InputError(
            f"{path} has two labels for the query {query[:80]!r} and the product {product[:80]!r}; keep one"
        )
    without = once["label"].isna() | (once["label"].astype(str).str.strip() == "")
    if without.any():
        raise InputError(f"{path} has a judgement without a label (query {once['query_id'][without].iloc[0][:80]!r})")
    return once.reset_index(drop=True)
