"""Words that set groups of texts apart from the other groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np

from sqid_core.types import Labels

# They stand beside every noun.
_SAY_NOTHING = frozenset({"and", "the", "for", "with", "from"})
_WORD = re.compile(r"[^\W\d_]{3,30}")


def distinguishing_words(texts: Sequence[str], groups: Labels, count: int = 3) -> tuple[tuple[str, ...], ...]:
    """Up to `count` words of each group, the most telling first: class-based TF-IDF (Grootendorst 2022), where a text
    counts a word once.

    groups: (n,) from 0, those below belong to none. Words have three letters or more; ties go by the alphabet.

    >>> distinguishing_words(["red mug", "blue mug", "red lamp"], np.array([0, 0, 1]), 1)
    (('mug',), ('lamp',))
    """
    counts = [Counter[str]() for _ in range(int(groups.max(initial=-1)) + 1)]
    for row in np.flatnonzero(groups >= 0).tolist():
        counts[groups[row]].update(set(_WORD.findall(texts[row].lower())) - _SAY_NOTHING)
    everywhere = sum(counts, Counter[str]())
    mean = sum(everywhere.values()) / max(len(counts), 1)

    def telling(group: Counter[str]) -> tuple[str, ...]:
        size = max(group.total(), 1)
        scores = {word: number / size * log(1 + mean / everywhere[word]) for word, number in group.items()}
        return tuple(sorted(scores, key=lambda word: (-scores[word], word))[:count])

    return tuple(map(telling, counts))
