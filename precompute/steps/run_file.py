"""Import a ranking that another system made (a TREC run file) as a signal, to be fused and compared like any other.

A line is: query_id Q0 product_id rank score name. The score decides, higher is better; the rank is not read. Scores of
judged pairs are kept; a catalogue product that was not judged for the query is left out and counted, and a judged
product that the run does not rank comes last. Blanks in ids are written %20, as --run-dir of `evaluate` does.
Such a signal ranks judged products only: it cannot search the catalogue."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.read.trec import id_rows
from precompute.work.progress import Progress
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import sha256
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError

EXAMPLE = "python -m precompute run-file data/esci --signal cross_encoder --modality text --run cross_encoder.run"
_FIELDS = 6
_LINES_A_STEP = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--signal", required=True, metavar="NAME", help="the new signal's name, such as cross_encoder")
    parser.add_argument("--modality", required=True, choices=("text", "image"), help="what the system read")
    parser.add_argument("--run", required=True, type=Path, metavar="F", help="the run file", dest="run_file")


def run(args: argparse.Namespace) -> int:
    """Reads and checks the whole file first, then adds the signal. The same file again changes nothing."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", args.signal):
        raise InputError(
            f"the signal name {args.signal!r} must consist of letters, digits, _ and -, as it names a folder"
        )
    if not args.run_file.is_file():
        raise InputError(f"{args.run_file} does not exist or is not a file; check the path")
    dataset = load_bundle(args.bundle)
    _check_name(dataset, args.signal, args.modality)
    found = read_run(args.run_file, dataset)
    scored = int((~np.isnan(found.scores)).sum())
    judged = int(dataset.judgements.lengths.sum())
    print(
        f"{args.signal}: {scored:,} of {judged:,} judged pairs are ranked; {found.unjudged:,} lines of products that "
        "were not judged are left out"
    )
    if not scored:
        raise InputError(f"{args.run_file} ranks no judged product of {args.bundle}; is it a run of these queries?")
    there = dataset.signals.get(args.signal)
    if isinstance(there, ScoredSignal) and np.array_equal(there.scores, found.scores, equal_nan=True):
        print(f"{args.bundle} has the signal {args.signal} with these scores already; nothing to do")
        return 0
    with BundleWriter(args.bundle) as writer:
        origin = {"file": args.run_file.name, "sha256": sha256(args.run_file)}
        writer.write_scores(args.signal, args.modality, found.scores, origin)
    print(f"next: python -m precompute evaluate {args.bundle} --{args.modality} {args.signal}")
    return 0


@dataclass(frozen=True, eq=False)
class RunScores:
    """scores: (Q, C) in the layout of the judgements, nan where not ranked. unjudged: lines that were left out."""

    scores: npt.NDArray[np.float64] = field(repr=False)
    unjudged: int


def read_run(path: Path, dataset: Dataset) -> RunScores:
    """The scores of a run file. Raises InputError with the line of what is wrong: the fields, an id that the bundle
    does not know, a score that is no finite number, a judged pair that is ranked twice, or no text at all."""
    judgements = dataset.judgements
    queries = id_rows(judgements.query_ids)
    products = id_rows(dataset.products["product_id"])
    query_rows, slots = np.nonzero(judgements.mask)
    rows = judgements.rows[query_rows, slots]
    place = dict(zip(zip(query_rows.tolist(), rows.tolist(), strict=True), slots.tolist(), strict=True))
    scores = np.full(judgements.rows.shape, np.nan)
    unjudged = 0
    for number, query, product, text in _lines(path):
        where = f"line {number} of {path}"
        pair = _row(queries, query, "query_id", where), _row(products, product, "product_id", where)
        score = _score(text, where)
        slot = place.get(pair)
        if slot is None:
            unjudged += 1
        elif not math.isnan(scores[pair[0], slot]):
            raise InputError(f"{where} ranks the product {product} for the query {query} again; keep one line a pair")
        else:
            scores[pair[0], slot] = score
    scores.flags.writeable = False
    return RunScores(scores, unjudged)


def _lines(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Number, query id, product id and score of every line that is not blank."""
    size = path.stat().st_size
    with path.open("rb") as file, Progress("reading", size, "bytes") as progress:
        read = 0
        for number, line in enumerate(file, start=1):
            read += len(line)
            if number % _LINES_A_STEP == 0:
                progress.advance(read)
                read = 0
            parts = _text(line, number, path).split()
            if not parts:
                continue
            if len(parts) != _FIELDS:
                raise InputError(
                    f"line {number} of {path} has {len(parts)} fields; expected the {_FIELDS} of a TREC run: "
                    "query_id Q0 product_id rank score name"
                )
            yield number, parts[0], parts[2], parts[4]
        progress.advance(read)
    if not size:
        raise InputError(f"{path} is empty; expected a TREC run: query_id Q0 product_id rank score name")


def _text(line: bytes, number: int, path: Path) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise InputError(
            f"line {number} of {path} is no UTF-8 text; expected a TREC run file, not compressed"
        ) from None


def _row(rows: dict[str, int], word: str, column: str, where: str) -> int:
    if word not in rows:
        raise InputError(f"{where} names the {column} {word!r}, which is not in the bundle; use a run of this data set")
    return rows[word]


def _score(text: str, where: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise InputError(f"{where} has the score {text!r}; expected a finite number")
    return score


def _check_name(dataset: Dataset, name: str, modality: str) -> None:
    """A run may replace a run of the same modality, and nothing else."""
    there = dataset.signals.get(name)
    if there is not None and not (isinstance(there, ScoredSignal) and there.modality == modality):
        what = "imported" if isinstance(there, ScoredSignal) else "encoded"
        raise InputError(
            f"{dataset.folder} has an {what} {there.modality} signal {name} already; "
            "give this one another --signal name"
        )
