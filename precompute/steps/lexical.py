"""The words of a bundle's products, indexed for BM25: adds a signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from precompute.update.wanted import product_texts
from precompute.update.word_index import write_lexical
from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.names import check_signal_name
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.lexical import LexicalSignal, lexical_signal
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.lexical.bm25 import Bm25Settings
from sqid_core.lexical.reading import named_reading
from sqid_core.wording import counted, numbered

_STEP = "indexing"


@dataclass(frozen=True)
class IndexedWords:
    """words: how many different ones. products: how many have a text. silent: how many queries hold none of them."""

    words: int
    products: int
    silent: int


def index_words(
    bundle: Path,
    signal: str,
    fields: Sequence[str] = ("title",),
    k1: float = Bm25Settings.k1,
    b: float = Bm25Settings.b,
    stopwords: str = "english",
    stemmer: str = "none",
    progress: Progress = quiet,
) -> IndexedWords:
    """Adds BM25 over the products' fields as a signal; one of that name and kind is made anew.

    stopwords, stemmer: see `named_reading`. Raises InputError for what cannot be indexed so, and without bm25s.
    """
    check_signal_name(signal)
    try:
        settings = Bm25Settings(k1, b)
    except ValueError as error:
        raise InputError(f"--{error}") from None
    reading = named_reading(stopwords, stemmer)
    dataset = load_bundle(bundle)
    _check_name(dataset, signal)
    texts = product_texts(dataset, fields, "--fields")
    tell(progress, _STEP, f"reading {numbered(len(texts), 'texts')}")
    made = lexical_signal(signal, texts, dataset.queries["query"].tolist(), reading, settings)
    with BundleWriter(bundle) as writer:
        write_lexical(writer, made, fields)
    watch = Stopwatch()
    with watch.over(int((dataset.judgements.lengths > 0).sum())):
        made.slate_scores(dataset.judgements)
    keep_cost(bundle, f"signals/{signal}", watch.of(1))
    found = IndexedWords(len(made.index.words), int(made.present.sum()), _silent(made))
    silent = counted(found.silent, "query holds", "queries hold")
    without = f"; {silent} none of them, and nothing is ranked there" if found.silent else ""
    tell(
        progress,
        _STEP,
        f"{signal}: {numbered(found.words, 'words')} of {numbered(found.products, 'products')}{without}",
    )
    return found


def _silent(signal: LexicalSignal) -> int:
    return int((np.diff(signal.queries.pointers) == 0).sum())


def _check_name(dataset: Dataset, name: str) -> None:
    """An index of words may replace one, and nothing else."""
    there = dataset.signals.get(name)
    if there is not None and not isinstance(there, LexicalSignal):
        raise InputError(
            f"{dataset.folder} has a signal {name} of another kind already ({dataset.kind(name).made(there)}); give "
            "this one another --signal name"
        )
