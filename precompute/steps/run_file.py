"""A ranking that another system made (a TREC run file) as a signal, to be fused and compared like any other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.read.trec import id_rows
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import sha256
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.types import Modality

_FIELDS = 6
_LINES_A_STEP = 10_000


@dataclass(frozen=True)
class ImportedRun:
    """What a run file gave. scored, judged: judged pairs that it ranks, and all. unjudged: lines that were left out.
    written: False where the bundle had these very scores."""

    scored: int
    judged: int
    unjudged: int
    written: bool


def import_run(
    bundle: Path, run_file: Path, signal: str, modality: Modality, progress: Progress = quiet
) -> ImportedRun:
    """Reads and checks the whole file first, then adds the signal. The same file again changes nothing.

    Scores of judged pairs are kept; products that were not judged for the query are counted, and judged products that
    the run does not rank come last. Raises InputError.
    """
    check_signal_name(signal)
    if not run_file.is_file():
        raise InputError(f"{run_file} does not exist or is not a file; check the path")
    dataset = load_bundle(bundle)
    _check_name(dataset, signal, modality)
    found = read_run(run_file, dataset, progress)
    scored = int((~np.isnan(found.scores)).sum())
    judged = int(dataset.judgements.lengths.sum())
    tell(
        progress,
        "reading",
        f"{signal}: {scored:,} of {judged:,} judged pairs are ranked; {found.unjudged:,} lines of products that "
        "were not judged are left out",
    )
    if not scored:
        raise InputError(f"{run_file} ranks no judged product of {bundle}; is it a run of these queries?")
    there = dataset.signals.get(signal)
    same = isinstance(there, ScoredSignal) and np.array_equal(there.scores, found.scores, equal_nan=True)
    if same:
        tell(progress, "writing", f"{bundle} has the signal {signal} with these scores already; nothing to do")
    else:
        with BundleWriter(bundle) as writer:
            origin = {"file": run_file.name, "sha256": sha256(run_file)}
            writer.write_scores(signal, modality, found.scores, origin)
    return ImportedRun(scored, judged, found.unjudged, not same)


@dataclass(frozen=True, eq=False)
class RunScores:
    """scores: (Q, C) in the layout of the judgements, nan where not ranked. unjudged: lines that were left out."""

    scores: npt.NDArray[np.float64] = field(repr=False)
    unjudged: int


def read_run(path: Path, dataset: Dataset, progress: Progress = quiet) -> RunScores:
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
    for number, query, product, text in _lines(path, progress):
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


def _lines(path: Path, progress: Progress) -> Iterator[tuple[int, str, str, str]]:
    """Number, query id, product id and score of every line that is not blank."""
    size = path.stat().st_size
    with path.open("rb") as file, Counter(progress, "reading", size, "bytes") as counter:
        read = 0
        for number, line in enumerate(file, start=1):
            read += len(line)
            if number % _LINES_A_STEP == 0:
                counter.advance(read)
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
        counter.advance(read)
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
