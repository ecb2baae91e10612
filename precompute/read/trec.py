"""Rankings and judgements in TREC's text formats, for other tools."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import Run
from sqid_core.exports.trec_runs import run_lines, safe_name, trec_word

QRELS = "qrels.txt"
_LARGEST_GAIN = 10**6


def integer_gains(gains: Sequence[float]) -> list[int]:
    """Gains as the smallest whole numbers in the same proportions: NDCG is the same, and TREC's tools take no others.

    1, .1, .01, 0 become 100, 10, 1, 0. Raises InputError where that takes numbers above a million.
    """
    parts = [Fraction(repr(float(gain))) for gain in gains]
    scale = math.lcm(*(part.denominator for part in parts))
    whole = [int(part * scale) for part in parts]
    common = math.gcd(*whole)
    if max(whole) // common > _LARGEST_GAIN:
        raise InputError(
            f"the gains {', '.join(map(str, gains))} have no small whole-number proportions, which TREC's tools need; "
            "evaluate without --run-dir, or make the bundle with rounder gains"
        )
    return [number // common for number in whole]


def write_qrels(folder: Path, dataset: Dataset, gains: str) -> Path:
    """Every judgement with its gain as a whole number: query 0 product gain."""
    return _write(folder / QRELS, qrels_lines(dataset, gains))


def qrels_lines(dataset: Dataset, gains: str) -> list[str]:
    """The lines of such a file."""
    values = integer_gains(dataset.scale.gains(gains).tolist())
    judgements, products = dataset.judgements, _product_ids(dataset)
    return [
        f"{trec_word(query)} 0 {products[row]} {values[label]}"
        for query, rows, labels in zip(judgements.query_ids, judgements.rows, judgements.labels, strict=True)
        for row, label in zip(rows, labels, strict=True)
        if row >= 0
    ]


def write_run(folder: Path, dataset: Dataset, run: Run) -> Path:
    """Every ranking, as far as the run returns it, see `run_lines`."""
    return _write(folder / f"{safe_name(run.name)}.run", list(run_lines(dataset, run)))


def id_rows(ids: Iterable[str]) -> dict[str, int]:
    """The row of each id, by the word that stands for it in a TREC file, and by the id itself where that is no other
    id's word."""
    known = list(ids)
    rows = {trec_word(text): row for row, text in enumerate(known)}
    return {text: row for row, text in enumerate(known)} | rows


def _product_ids(dataset: Dataset) -> npt.NDArray[np.object_]:
    return np.array([trec_word(text) for text in dataset.products["product_id"]], dtype=object)


def _write(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
