"""A ranking that another system made (a TREC run file) as a signal, to be fused and compared like any other."""

from __future__ import annotations

import math
from collections import Counter as Counted
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.read.own_pairs import Missing
from precompute.read.runs.any_run import read_any_run
from precompute.read.trec import id_rows
from precompute.work.names import check_signal_name
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import sha256
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.types import Modality
from sqid_core.wording import counted, numbered


@dataclass(frozen=True)
class Reading:
    """How a run file is read. columns: theirs: ours, for tables. missing: of queries and products that the bundle does
    not have; None drops them from what is known to rank more than a slice, ESCI's own results, and refuses others."""

    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    missing: Missing | None = None


AS_IT_STANDS = Reading()


@dataclass(frozen=True)
class ImportedRun:
    """What a run file gave. scored, judged: judged pairs that it ranks, and all. unjudged: lines that were left out.
    written: False where the bundle had these very scores."""

    scored: int
    judged: int
    unjudged: int
    written: bool


def import_run(
    bundle: Path,
    run_file: Path,
    signal: str,
    modality: Modality,
    how: Reading = AS_IT_STANDS,
    progress: Progress = quiet,
) -> ImportedRun:
    """Reads and checks the whole file first, then adds the signal. The same file again changes nothing.

    Scores of judged pairs are kept; products that were not judged for the query are counted, and judged products that
    the run does not rank come last. Raises InputError.
    """
    check_signal_name(signal)
    dataset = load_bundle(bundle)
    _check_name(dataset, signal, modality)
    found = read_run(run_file, dataset, how, progress)
    for note in found.notes:
        tell(progress, "reading", note)
    scored = int((~np.isnan(found.scores)).sum())
    judged = int(dataset.judgements.lengths.sum())
    tell(
        progress,
        "reading",
        f"{signal}: {scored:,} of {counted(judged, 'judged pair is', 'judged pairs are')} ranked; "
        f"{numbered(found.unjudged, 'lines')} of products that "
        "were not judged left out",
    )
    if any(found.of_others):
        of_queries, of_products = found.of_others
        told = (
            f"{numbered(of_queries, 'lines')} of queries and {of_products:,} of products that the bundle does not have"
        )
        tell(progress, "reading", f"{signal}: {told} left out")
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
    """scores: (Q, C) in the layout of the judgements, nan where not ranked. unjudged: lines that were left out since
    their product was not judged. of_others: lines of queries, and of products, that the bundle does not have. notes:
    how the file was understood."""

    scores: npt.NDArray[np.float64] = field(repr=False)
    unjudged: int
    of_others: tuple[int, int] = (0, 0)
    notes: tuple[str, ...] = ()


def read_run(path: Path, dataset: Dataset, how: Reading = AS_IT_STANDS, progress: Progress = quiet) -> RunScores:
    """The scores of a run file. Raises InputError with the line of what is wrong: the fields, an id that the bundle
    does not know, a score that is no finite number, a judged pair that is ranked twice, or no text at all."""
    judgements = dataset.judgements
    queries = _query_rows(dataset)
    products = id_rows(dataset.products["product_id"])
    query_rows, slots = np.nonzero(judgements.mask)
    rows = judgements.rows[query_rows, slots]
    place = dict(zip(zip(query_rows.tolist(), rows.tolist(), strict=True), slots.tolist(), strict=True))
    scores = np.full(judgements.rows.shape, np.nan)
    unjudged, others = 0, [0, 0]
    size = path.stat().st_size if path.is_file() else 0
    with Counter(progress, "reading", size, "bytes") as counter:
        found = read_any_run(path, list(judgements.query_ids), queries.__contains__, how.columns, counter.advance)
        drops = how.missing == "drop" or (how.missing is None and found.whole_esci)
        for number, query, product, score in found.rows:
            pair = queries.get(query, -1), products.get(product, -1)
            if min(pair) < 0:
                if not drops:
                    raise InputError(_unknown(f"{found.unit} {number} of {path}", query, product, pair))
                others[0 if pair[0] < 0 else 1] += 1
                continue
            slot = place.get(pair)
            if slot is None:
                unjudged += 1
            elif not math.isnan(scores[pair[0], slot]):
                raise InputError(
                    f"{found.unit} {number} of {path} ranks the product {product} for the query {query} again; keep "
                    "one line a pair"
                )
            else:
                scores[pair[0], slot] = score
    scores.flags.writeable = False
    return RunScores(scores, unjudged, (others[0], others[1]), found.notes)


def _query_rows(dataset: Dataset) -> dict[str, int]:
    """The row of each query by its id, and by its text where that is no other's text or id."""
    texts = [str(text).strip() for text in dataset.queries["query"]]
    once = Counted(texts)
    by_text = {text: row for row, text in enumerate(texts) if text and once[text] == 1}
    return by_text | id_rows(dataset.judgements.query_ids)


def _unknown(where: str, query: str, product: str, pair: tuple[int, int]) -> str:
    column, word = ("query_id", query) if pair[0] < 0 else ("product_id", product)
    return (
        f"{where} names the {column} {word[:80]!r}, which is not in the bundle; use a run of this data set, or leave "
        "such lines out with --missing drop"
    )


def _check_name(dataset: Dataset, name: str, modality: str) -> None:
    """A run may replace a run of the same modality, and nothing else."""
    there = dataset.signals.get(name)
    if there is not None and not (isinstance(there, ScoredSignal) and there.modality == modality):
        what = "imported" if isinstance(there, ScoredSignal) else "encoded"
        raise InputError(
            f"{dataset.folder} has an {what} {there.modality} signal {name} already; "
            "give this one another --signal name"
        )
