"""Rankings as the lines of a TREC run file: query Q0 product rank score run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.reports import Run
from .heading import Heading


def trec_word(text: str) -> str:
    """An id without blanks, which separate TREC's columns."""
    return quote(text, safe="!#$&'()*+,/:;=?@[]~")


def safe_name(name: str) -> str:
    """A method's name as a file name, and as a run's: letters, digits, dots, - and _."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "run"


def ranked_lines(query: str, products: Sequence[str], tag: str) -> Iterator[str]:
    """One query's products, best first. Scores are whole numbers that fall in this order, so that a tool which sorts
    again, reads float32 or breaks ties in its own way sees this ranking."""
    word, count = trec_word(query), len(products)
    for rank, product in enumerate(products, start=1):
        yield f"{word} Q0 {trec_word(product)} {rank} {count - rank + 1} {tag}"


def run_lines(dataset: Dataset, run: Run) -> Iterator[str]:
    """Every ranking, as far as the run returns it."""
    judgements, products = dataset.judgements, dataset.products["product_id"].to_numpy(dtype=object)
    returned = judgements.mask if run.returned is None else run.returned
    ranked = zip(judgements.query_ids, judgements.rows, run.order, judgements.lengths, returned, strict=True)
    for query, rows, order, length, found in ranked:
        places = order[:length][np.asarray(found)[order[:length]]]
        yield from ranked_lines(str(query), products[rows[places]].tolist(), safe_name(run.name))


def run_text(lines: Iterator[str], heading: Heading) -> str:
    """A file of such lines, below the heading in lines that begin with `# `."""
    return "".join(f"{line}\n" for line in (*(f"# {told}" for told in heading.lines), *lines))
