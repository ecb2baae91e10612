"""A cut-down merges file for open_clip's own tokenizer: known words are cut as with the full file, others into letters.

The full file makes 49,408 tokens, most of which the demo never reads: their embeddings alone would be 12 MB.
"""

import gzip
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

HEADER = "#version: cut-down"


def used_merges(words: Iterable[str]) -> list[tuple[str, str]]:
    """The merges that open_clip's tokenizer applies to cut these words, in the order of the full file.

    Cutting always applies the best-ranked merge that fits. A file that holds all merges so applied offers the same best
    one at each step, so known words come out equal.
    """
    from open_clip.tokenizer import SimpleTokenizer

    tokenizer = SimpleTokenizer()
    used: set[tuple[str, str]] = set()
    for word in words:
        for piece in tokenizer.pat.findall(word.lower()):
            used.update(_merges_of(piece, tokenizer))
    return sorted(used, key=tokenizer.bpe_ranks.__getitem__)


def _merges_of(piece: str, tokenizer: Any) -> list[tuple[str, str]]:
    """The merges applied to one piece of text, first applied first."""
    symbols = [tokenizer.byte_encoder[byte] for byte in piece.encode()]
    symbols[-1] += "</w>"
    applied = []
    while len(symbols) > 1:
        pairs = set(pairwise(symbols))
        best = min(pairs, key=lambda pair: tokenizer.bpe_ranks.get(pair, float("inf")))
        if best not in tokenizer.bpe_ranks:
            break
        applied.append(best)
        symbols = _merged(symbols, best)
    return applied


def _merged(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """The symbols with every occurrence of the pair joined, from left to right."""
    joined: list[str] = []
    i = 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            joined.append(pair[0] + pair[1])
            i += 2
        else:
            joined.append(symbols[i])
            i += 1
    return joined


def write_merges(path: Path, merges: list[tuple[str, str]]) -> None:
    """The file as open_clip reads it: a header, a merge a line, no newline at the end; equal merges, equal bytes."""
    text = "\n".join([HEADER, *(" ".join(merge) for merge in merges)])
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def vocabulary_size(merges: list[tuple[str, str]]) -> int:
    """Tokens: 256 bytes, the same at a word's end, the merges, and two marks."""
    return 256 + 256 + len(merges) + 2
