"""Judgements out of the store into files, and in again: see FILES for the kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from precompute.read import act_files, label_files
from precompute.read.act_files import Archive
from precompute.steps.judged_by import judged_by, named_labels
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.files_on_disk import flush, partial_of
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.exports.heading import one_line
from sqid_core.judging.acts import live
from sqid_core.judging.store import Judge, Store
from sqid_core.wording import counted, listed, short

USUAL_SET = "majority"


@dataclass(frozen=True)
class Asked:
    """What is to be taken along, or how a file is read. labels: the set whose labels a file without judges holds, see
    `named_labels`. gains: their table, for grades; the bundle's first if None. names: with people's names. judge: who
    said what a file tells of nobody."""

    labels: str = USUAL_SET
    gains: str | None = None
    names: bool = False
    judge: str = ""


@dataclass(frozen=True)
class FileKind:
    """A kind of file. endings: of its names. of_judges: whether it says who said what, and when; else it holds a set of
    labels. numbered: whether its acts have the judges' own numbers. write: to a path. read: what is to be stored."""

    endings: tuple[str, ...]
    of_judges: bool
    numbered: bool
    write: Callable[[Path, Dataset, Store, Asked], None]
    read: Callable[[Path, Dataset, Asked], Archive]


@dataclass(frozen=True)
class Imported:
    """new, known: acts that were stored now, and that were there. refused: why others never will be, each sentence with
    how many. changed: acts with the key of one that is there and says something else, which stays as it is."""

    new: int
    known: int
    refused: dict[str, int]
    changed: int = 0


def export_judgements(
    bundle: Path, file: Path, store: Store, kind: str = "", asked: Asked = Asked(), progress: Progress = quiet
) -> None:
    """Writes the file, or leaves what was there as it was. kind: of FILES, by the file's ending if "".

    Raises InputError for an ending or a set that says nothing, and StoreError.
    """
    chosen = FILES[kind or kind_of(file)]
    if file.is_dir():
        raise InputError(f"{file} is a folder; give the name of a file")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = partial_of(file)
    try:
        chosen.write(partial, load_bundle(bundle), store, asked)
        flush(partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    tell(progress, "writing", f"{file} holds {_held(chosen, asked)}")


def _held(kind: FileKind, asked: Asked) -> str:
    if not kind.of_judges:
        return f"the labels {asked.labels}, without who gave them"
    return "what the judges said, " + ("with their names" if asked.names else "each under an id instead of a name")


def import_judgements(
    bundle: Path, file: Path, store: Store, kind: str = "", asked: Asked = Asked(), progress: Progress = quiet
) -> Imported:
    """Reads and checks the whole file first, then stores what is not there. The same file again changes nothing.

    Raises InputError with the line of what is wrong, and StoreError.
    """
    chosen = FILES[kind or kind_of(file)]
    if not file.is_file():
        raise InputError(f"{file} does not exist or is not a file; check the path")
    dataset = load_bundle(bundle)
    found = chosen.read(file, dataset, Asked(asked.labels, asked.gains, asked.names, asked.judge or file.stem))
    return take_in(found, dataset, store, chosen.numbered, progress)


def take_in(found: Archive, dataset: Dataset, store: Store, numbered: bool, progress: Progress = quiet) -> Imported:
    """Stores what is not there. numbered: whether the acts have the judges' own numbers. Raises StoreError."""
    for sentence in _unfitting(found.acts, dataset):
        tell(progress, "reading", sentence)
    _create_books(found, dataset, store, progress)
    there = store.acts(dataset.name)
    acts = found.acts if numbered else _numbered(found.acts, there)
    # Of a label that is there the explanation is there too, though under a key that no file tells.
    known = acts["key"].isin({key for each in there["key"] for key in (each, act_files.explanation_key(each))})
    fresh = _in_known_books(acts[~known], dataset, store, progress)
    stored = store.take_in(fresh, _with_all(found.judges, fresh), dataset.name)
    changed = _changed(acts[known], there)
    return Imported(
        len(set(stored.confirmed)), int(known.sum()) - changed, dict(Counter(stored.refused.values())), changed
    )


def kind_of(file: Path) -> str:
    """The kind that a file's ending says. Raises InputError for one that says none."""
    found = next((name for name, kind in FILES.items() if file.suffix.lower() in kind.endings), None)
    if found is None:
        endings = ", ".join(ending for kind in FILES.values() for ending in kind.endings)
        raise InputError(f"{file} does not say what kind of file it is; use --format, or one of the endings {endings}")
    return found


# --- what is said of it ---


def _unfitting(acts: pd.DataFrame, dataset: Dataset) -> list[str]:
    """What of it does not fit the bundle: it is stored, and counts as soon as it fits."""
    found = []
    labels = acts[acts["kind"].isin(("label", "adjudicate"))]
    odd = [text for text in labels["value"].unique() if text and not _is_label(text, dataset)]
    if odd:
        count = counted(int(labels["value"].isin(odd).sum()), "label is", "labels are")
        found.append(f"{count} not of the bundle's scale: {listed(map(one_line, odd), 80)}")
    for column, ids in (("query_id", dataset.judgements.query_ids), ("product_id", dataset.products["product_id"])):
        gone = ~acts[column].isin([*ids, ""])
        if gone.any():
            told = listed(map(one_line, acts[column][gone].unique()), 80)
            found.append(
                f"{counted(int(gone.sum()), 'act is', 'acts are')} of a {column} that the bundle lacks: {told}"
            )
    return found


def _is_label(text: str, dataset: Dataset) -> bool:
    try:
        dataset.scale.code(text)
    except InputError:
        return False
    return True


# --- into the store ---


def _create_books(found: Archive, dataset: Dataset, store: Store, progress: Progress) -> None:
    there = {book.id for book in store.books(dataset.name)}
    for book, pairs in found.books:
        if book.id not in there and book.bundle == dataset.name:
            store.create_book(book, pairs)
            tell(
                progress,
                "storing",
                f"the book {short(one_line(book.name))} is there, {counted(len(pairs), 'pair', 'pairs')}",
            )


def _numbered(acts: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    """Acts of files that have no numbers, behind all that their judges have said."""
    last = there.groupby("judge")["number"].max()
    base = acts["judge"].map(last).fillna(0).astype(np.int64)
    return acts.assign(number=base + acts.groupby("judge").cumcount() + 1)


def _in_known_books(acts: pd.DataFrame, dataset: Dataset, store: Store, progress: Progress) -> pd.DataFrame:
    """Acts of a book that is not here stand outside books."""
    gone = ~acts["book"].isin([book.id for book in store.books(dataset.name)] + [""])
    if gone.any():
        said = counted(int(gone.sum()), "act is", "acts are")
        tell(progress, "storing", f"{said} of books that are not here, and stored outside books")
    return acts.assign(book=acts["book"].where(~gone, ""))


def _changed(known: pd.DataFrame, there: pd.DataFrame) -> int:
    """How many acts say something else than those that are there under their keys. Of an explanation whose key no file
    tells: than the judge's last one on the pair."""
    pair = ["judge", "query_id", "product_id"]
    said = [*pair, "kind", "value"]
    under_key = known["key"].isin(there["key"])
    mine, stored = known[under_key], there.set_index("key")[said]
    differ = (mine[said].to_numpy() != stored.loc[mine["key"]].to_numpy()).any(axis=1)
    explained = live(there).query("kind == 'explanation'").sort_values(["number", "seq"], kind="stable")
    last = explained.set_index(pair)["value"].groupby(level=[0, 1, 2]).last().to_dict()
    others = known.loc[~under_key, [*pair, "value"]].itertuples(index=False)
    return int(differ.sum()) + sum(last.get(tuple(where)) != value for *where, value in others)


def _with_all(judges: Sequence[Judge], acts: pd.DataFrame) -> list[Judge]:
    """A judge for each act; who has no name is called by the id."""
    known = {judge.id: replace(judge, name=judge.name or judge.id) for judge in judges}
    return [*known.values(), *(Judge(each, each) for each in acts["judge"].unique() if each not in known)]


# --- the kinds ---


def _archive(dataset: Dataset, store: Store) -> Archive:
    acts = store.acts(dataset.name)
    judges = store.judges()
    books = tuple((book, store.pairs(book.id)) for book in store.books(dataset.name))
    said = [judges[each] for each in acts["judge"].unique()]
    return Archive(acts, tuple(said), books)


def _write_lines(path: Path, dataset: Dataset, store: Store, asked: Asked) -> None:
    path.write_bytes(act_files.json_lines(_archive(dataset, store), asked.names))


def _read_lines(path: Path, dataset: Dataset, asked: Asked) -> Archive:
    del dataset, asked
    return act_files.read_json_lines(path)


def _write_csv(path: Path, dataset: Dataset, store: Store, asked: Asked) -> None:
    path.write_text(act_files.csv_text(_archive(dataset, store), asked.names), encoding="utf-8", newline="")


def _read_csv(path: Path, dataset: Dataset, asked: Asked) -> Archive:
    return act_files.read_csv(path, asked.judge, dataset.name, datetime.now(UTC))


def _relabelled(dataset: Dataset, store: Store, asked: Asked) -> Dataset:
    return judged_by(dataset, named_labels(dataset, asked.labels, store), store).dataset


def _write_qrels(path: Path, dataset: Dataset, store: Store, asked: Asked) -> None:
    text = label_files.qrels_text(_relabelled(dataset, store, asked), asked.gains or dataset.scale.default_gains)
    path.write_text(text, encoding="utf-8", newline="")


def _read_qrels(path: Path, dataset: Dataset, asked: Asked) -> Archive:
    labels = label_files.read_qrels(path, dataset, asked.gains or dataset.scale.default_gains)
    return _of_one_judge(labels, dataset, asked.judge)


def _write_esci(path: Path, dataset: Dataset, store: Store, asked: Asked) -> None:
    label_files.write_parquet(label_files.esci_table(_relabelled(dataset, store, asked)), path)


def _read_esci(path: Path, dataset: Dataset, asked: Asked) -> Archive:
    return _of_one_judge(label_files.read_esci(path), dataset, asked.judge)


def _of_one_judge(labels: pd.DataFrame, dataset: Dataset, name: str) -> Archive:
    """Labels as what one judge said now. The same labels again have the same keys."""
    judge = Judge(act_files.judge_id(name), name)
    return act_files.labels_as_acts(labels, judge, dataset.name, datetime.now(UTC))


FILES: dict[str, FileKind] = {
    "jsonl": FileKind((".jsonl", ".ndjson"), True, True, _write_lines, _read_lines),
    "csv": FileKind((".csv",), True, False, _write_csv, _read_csv),
    "trec": FileKind((".qrels", ".txt"), False, False, _write_qrels, _read_qrels),
    "esci": FileKind((".parquet",), False, False, _write_esci, _read_esci),
}
