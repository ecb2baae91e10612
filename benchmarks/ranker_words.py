"""BM25 at SQID's size: python -m benchmarks.ranker_words [--products N]. Titles are drawn by Zipf's law, as long as
real ones; the index is built with English stop words and a stemmer, which costs most."""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from benchmarks.sqid_like import PRODUCTS, QUERIES, SqidLike, table
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.lexical import LexicalSignal, lexical_signal
from sqid_core.lexical.bm25 import Bm25Settings
from sqid_core.lexical.reading import named_reading

_WORDS, _ASKED = 120_000, 200


def titles(rng: np.random.Generator, count: int, mean: float) -> list[str]:
    """Texts of words by Zipf's law, of lognormal lengths."""
    shares = 1 / np.arange(1, _WORDS + 1) ** 1.05
    lengths = np.clip(rng.lognormal(np.log(mean), 0.5, count).astype(int), 1, 60)
    drawn = rng.choice(_WORDS, lengths.sum(), p=shares / shares.sum())
    return [" ".join(f"w{word:06d}" for word in part) for part in np.split(drawn, np.cumsum(lengths)[:-1])]


def lexical_rows(products: int = PRODUCTS, stemmer: str = "english") -> list[tuple[str, str, str]]:
    """(what, seconds, peak memory so far) of indexing, of a typed query and of all judged slates."""
    rng = np.random.default_rng(0)
    texts, queries = titles(rng, products, 17), titles(rng, QUERIES, 3)
    begun = time.perf_counter()
    signal = lexical_signal("bm25", texts, queries, named_reading("english", stemmer), Bm25Settings())
    rows = [("BM25: index", f"{time.perf_counter() - begun:.1f} s", _peak())]
    taken = []
    for text in queries[:_ASKED]:
        begun = time.perf_counter()
        signal.searched({}, text)
        taken.append(1e3 * (time.perf_counter() - begun))
    rows.append(("BM25: a typed query, median", f"{np.median(taken):.1f} ms", _peak()))
    rows.append(("BM25: a typed query, slowest of 200", f"{max(taken):.1f} ms", _peak()))
    return [*rows, _slates(signal, rng)]


def _slates(signal: LexicalSignal, rng: np.random.Generator) -> tuple[str, str, str]:
    like = SqidLike()
    rows = np.where(like.mask, rng.integers(0, len(signal.present), like.mask.shape), -1).astype(np.int32)
    ids = np.array([str(query) for query in range(QUERIES)], dtype=object)
    begun = time.perf_counter()
    signal.slate_scores(Judgements(ids, rows, like.labels.astype(np.int8)))
    return "BM25: all judged slates", f"{time.perf_counter() - begun:.1f} s", _peak()


def _peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=PRODUCTS)
    print(table(("step", "time", "peak"), lexical_rows(parser.parse_args().products)))
