"""What judges said, as files: JSON Lines with every act, and CSV with each judge's last word on a pair.

JSON Lines hold all that a store knows of a bundle: judges, books with their pairs, acts. A CSV file holds labels with
their judge, time and explanation, and may also be made by hand: query_id, product_id and label are enough.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from precompute.read.raw_files import any_words, product_ids, query_ids, read_frame
from sqid_core.errors import InputError
from sqid_core.judging.acts import COLUMNS, Act, live, standing
from sqid_core.judging.books import PAIR_COLUMNS, Book
from sqid_core.judging.store import Judge

CSV_COLUMNS = ("judge", "name", "time", "query_id", "product_id", "label", "explanation", "kind", "seconds", "showing")
# Spreadsheets run what begins so; our own file says it with one more apostrophe, and reading takes that away.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TYPES: Any = dict(COLUMNS)
_PAIR_TYPES: Any = dict(PAIR_COLUMNS)
_FIELDS = [name for name in COLUMNS if name not in ("seq", "bundle")]


@dataclass(frozen=True, eq=False)
class Archive:
    """acts: columns `acts.COLUMNS`, in order. judges: by whom they are. books: with their pairs."""

    acts: pd.DataFrame = field(repr=False)
    judges: tuple[Judge, ...] = ()
    books: tuple[tuple[Book, pd.DataFrame], ...] = field(default=(), repr=False)


# --- JSON Lines ---


class _JudgeLine(msgspec.Struct, tag="judge", tag_field="record", omit_defaults=True):
    id: str
    kind: str = "person"
    name: str = ""
    about: dict[str, str] = {}


class _BookLine(msgspec.Struct, tag="book", tag_field="record"):
    book: Book
    pairs: dict[str, list[Any]]


class _ActLine(msgspec.Struct, tag="act", tag_field="record", omit_defaults=True):
    key: str
    judge: str
    kind: str
    number: int
    time: datetime
    query_id: str
    product_id: str = ""
    value: str = ""
    book: str = ""
    link: str = ""
    seconds: float | None = None
    showing: int = 1
    fingerprint: str = ""


_Line = _JudgeLine | _BookLine | _ActLine


def json_lines(archive: Archive, names: bool) -> bytes:
    """A line each judge, book and act. names: with people's names, which are left out otherwise."""
    lines: list[_Line] = [
        _JudgeLine(each.id, each.kind, each.name if names or each.kind == "model" else "", dict(each.about))
        for each in archive.judges
    ]
    lines += [_BookLine(book, _pairs_as_lists(pairs)) for book, pairs in archive.books]
    for row in archive.acts[_FIELDS].to_dict("records"):
        seconds = float(row["seconds"]) if np.isfinite(row["seconds"]) else None
        values: dict[str, Any] = {str(name): value for name, value in row.items()}
        lines.append(_ActLine(**values | {"time": row["time"].to_pydatetime(), "seconds": seconds}))
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def read_json_lines(path: Path) -> Archive:
    """Raises InputError with the line that is none of these, or that says one thing of two judges."""
    judges: dict[str, Judge] = {}
    books, acts = [], []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        where = f"line {number} of {path}"
        try:
            found = msgspec.json.decode(line, type=_Line)
            if isinstance(found, _JudgeLine):
                judges[found.id] = _judge(found)
            elif isinstance(found, _BookLine):
                books.append((found.book, _pairs_as_frame(found.pairs)))
            else:
                acts.append(_checked(found))
        except (msgspec.MsgspecError, ValueError, InputError, OverflowError) as error:
            raise InputError(f"{where} is no judge, book or act ({_said(error)})") from None
    return Archive(_acts_frame(acts, path), tuple(judges.values()), tuple(books))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _judge(line: _JudgeLine) -> Judge:
    if line.kind not in ("person", "model"):
        raise ValueError(f"a judge is a person or a model, got {line.kind[:40]!r}")
    return Judge(line.id, line.name, "model" if line.kind == "model" else "person", "judge", line.about)


def _checked(line: _ActLine) -> dict[str, Any]:
    """A row of `acts.COLUMNS`, less seq and bundle. Raises InputError for what no act may be."""
    row = {name: getattr(line, name) for name in _FIELDS}
    known = line.seconds is not None and np.isfinite(line.seconds)
    row["seconds"] = line.seconds if known else float("nan")
    row["time"] = in_utc(line.time)
    Act(**{name: row[name] for name in Act.__dataclass_fields__})
    return row


def in_utc(time: datetime) -> datetime:
    """A time without a zone is one of UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _pairs_as_lists(pairs: pd.DataFrame) -> dict[str, list[Any]]:
    held = pairs.astype({"probability": object})
    held["probability"] = held["probability"].where(pairs["probability"].notna(), None)
    return {name: held[name].tolist() for name in PAIR_COLUMNS}


def _pairs_as_frame(pairs: dict[str, list[Any]]) -> pd.DataFrame:
    if set(pairs) != set(PAIR_COLUMNS) or len({len(values) for values in pairs.values()}) > 1:
        raise ValueError(f"a book's pairs have the columns {', '.join(PAIR_COLUMNS)}, equally long")
    try:
        return pd.DataFrame({name: pairs[name] for name in PAIR_COLUMNS}).astype(_PAIR_TYPES)
    except (TypeError, ValueError) as error:
        raise ValueError(f"its pairs are not of their types: {error}") from None


def _acts_frame(rows: Sequence[dict[str, Any]], path: Path) -> pd.DataFrame:
    """The acts in order. Raises InputError where one key is of two judges."""
    owners: dict[str, str] = {}
    for row in rows:
        if owners.setdefault(row["key"], row["judge"]) != row["judge"]:
            raise InputError(f"{path} has the key {row['key'][:40]!r} for acts of two judges; each act needs its own")
    filled = [{**row, "seq": place, "bundle": ""} for place, row in enumerate(rows, start=1)]
    frame = pd.DataFrame(filled, columns=list(COLUMNS))
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    return frame.astype(_TYPES)


# --- CSV ---


def csv_text(archive: Archive, names: bool) -> str:
    """A row each judge's last word on a pair, a label or that it cannot be rated, in the order in which they came."""
    said = standing(archive.acts)
    told = (said["kind"] == "unrateable") | ((said["kind"] == "label") & (said["value"].str.strip() != ""))
    said = said[told & (said["product_id"] != "")]
    kept = live(archive.acts)
    explained = kept[kept["kind"] == "explanation"].sort_values(["number", "seq"], kind="stable")
    texts = explained.set_index(["judge", "query_id", "product_id"])["value"].groupby(level=[0, 1, 2]).last().to_dict()
    named = {judge.id: judge.name for judge in archive.judges}
    columns = [*(each for each in CSV_COLUMNS if names or each != "name"), "key"]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    for row in said.to_dict("records"):
        more = {
            "name": named.get(row["judge"], ""),
            "time": written_time(row["time"]),
            "label": row["value"] if row["kind"] == "label" else "",
            "explanation": texts.get((row["judge"], row["query_id"], row["product_id"]), ""),
            "seconds": repr(float(row["seconds"])) if np.isfinite(row["seconds"]) else "",
        }
        writer.writerow([_plain(str((row | more)[name])) for name in columns])
    return out.getvalue()


def written_time(time: pd.Timestamp) -> str:
    """ISO 8601, UTC, to the microsecond where it has one."""
    return str(time.tz_convert("UTC").to_pydatetime().isoformat()).replace("+00:00", "Z")


def _plain(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _unplain(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read_csv(path: Path, judge: str, bundle: str, now: datetime) -> Archive:
    """The acts that a CSV file stands for, a label and where there is one its explanation.

    judge: who said it where the file does not say. bundle: its name, for the keys of rows that have none: the same file
    again gives the same keys. now: the time of rows without one. Without keys the column judge holds names.
    """
    optional = ("judge", "name", "time", "explanation", "kind", "seconds", "showing", "key")
    required = {"query_id": query_ids, "product_id": product_ids, "label": any_words}
    frame = read_frame(path, required, dict.fromkeys(optional, any_words)).fillna("").map(_unplain)
    ours = "key" in frame
    judges: dict[str, Judge] = {}
    rows: list[dict[str, Any]] = []
    for place, row in enumerate(frame.to_dict("records"), start=1):
        who = row.get("judge") or judge
        by = who if ours and row.get("judge") else judge_id(who)
        judges.setdefault(by, Judge(by, row.get("name") or who))
        try:
            rows += _row_acts(row, by, bundle, now, len(rows) + 1)
        except (InputError, ValueError) as error:
            raise InputError(f"row {place} of {path} is no judgement ({_said(error)})") from None
    return Archive(_acts_frame(rows, path), tuple(judges.values()))


def judge_id(name: str) -> str:
    """The id of whom a file calls so: the same each time that it is read."""
    return hashlib.blake2b(f"judge {name}".encode(), digest_size=6).hexdigest()


def derived_key(*parts: str) -> str:
    """A key for an act that has none: the same for the same words."""
    return "file-" + hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def explanation_key(key: str) -> str:
    """The key of a label's explanation, in files that give it none of its own."""
    return derived_key("explanation", key)


def labels_as_acts(labels: pd.DataFrame, judge: Judge, bundle: str, now: datetime) -> Archive:
    """Labels (query_id, product_id, label) as what one judge says now; the same labels have the same keys."""
    rows = [
        act
        for number, row in enumerate(labels.astype(object).to_dict("records"), start=1)
        for act in _row_acts(row, judge.id, bundle, now, number)
    ]
    return Archive(_acts_frame(rows, Path(judge.name)), (judge,))


def _row_acts(row: Mapping[Any, str], judge: str, bundle: str, now: datetime, number: int) -> list[dict[str, Any]]:
    kind = row.get("kind") or ("label" if row["label"].strip() else "unrateable")
    if kind not in ("label", "unrateable"):
        raise ValueError(f"its kind is label or unrateable, got {kind[:40]!r}")
    if kind == "label" and not row["label"].strip():
        raise ValueError("it has no label")
    key = row.get("key") or derived_key(bundle, judge, row["query_id"], row["product_id"], kind, row["label"])
    line = _ActLine(
        key,
        judge,
        kind,
        number,
        _time(row.get("time", ""), now),
        row["query_id"],
        row["product_id"],
        row["label"] if kind == "label" else "",
        seconds=float(row["seconds"]) if row.get("seconds") else None,
        showing=int(row.get("showing") or 1),
    )
    found = [_checked(line)]
    if row.get("explanation"):
        why = msgspec.structs.replace(
            line, key=explanation_key(key), kind="explanation", number=number + 1, value=row["explanation"]
        )
        found.append(_checked(why) | {"seconds": float("nan")})
    return found


def _time(text: str, now: datetime) -> datetime:
    if not text.strip():
        return now
    try:
        return in_utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise ValueError(f"its time {text[:40]!r} is not written as 2026-11-28T23:15:49Z") from None
