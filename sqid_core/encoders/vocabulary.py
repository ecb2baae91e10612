"""The words that say something to an encoder: a small model answers others with confident nonsense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

VOCABULARY_FILE = "vocabulary.txt"
# Words that say nothing about a product: knowing only these is knowing nothing.
_FUNCTION_WORDS_TEXT = """
a an and any are as at be by can do for from how i in is it its me my of on or some something
that the thing things this to want what when which with without you your
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_WORDS_TEXT.split())
# "bakcpack" is .88 like "backpack"; "jumper" is .60 like "bumpers".
_SIMILAR = 0.8
_SHORTEST_MISSPELLING = 4
_SHORTEST_SINGULAR = 3
_MOST_WORDS = 60


def load_vocabulary(folder: Path) -> frozenset[str] | None:
    """The known words of a model folder (vocabulary.txt, one a line, lower case), or None where it lists none."""
    path = folder / VOCABULARY_FILE
    if not path.is_file():
        return None
    return frozenset(path.read_text(encoding="utf-8").lower().split())


def unknown_words(text: str, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """The words of `text` that are neither known nor close to a known one; function words and numbers are left out.

    Only the first 60 different words are looked at, more than any encoder reads.
    """
    return tuple(word for word in _content_words(text) if not _is_known(word, vocabulary))


def knows_nothing_of(text: str, vocabulary: frozenset[str]) -> bool:
    """True where `text` holds no known word at all, such as "zxqv", "🛒" or only function words."""
    return not any(_is_known(word, vocabulary) for word in _content_words(text))


def in_known_words(text: str, vocabulary: frozenset[str]) -> str:
    """The text with each unknown word in the singular or plural that is known ("red mugs" becomes "red mug" where the
    model has read of one mug only), or else as the known word that it may be a slip of ("setee" becomes "settee"). All
    else stays as it is."""
    return re.sub(r"[^\W_]+", lambda found: _as_known(found[0], vocabulary), text)


def _as_known(word: str, vocabulary: frozenset[str]) -> str:
    if word.lower() in vocabulary:
        return word
    near = (other for other in (*_other_numbers(word.lower()), *_near(word.lower(), vocabulary)) if other in vocabulary)
    return next(near, word)


def _other_numbers(word: str) -> Iterator[str]:
    """What may be the singular of a plural, or the plural of a singular; not of the shortest words, such as "as"."""
    if len(word) < _SHORTEST_SINGULAR:
        return
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_SINGULAR - 1:
            yield word.removesuffix(ending) + singular
    yield from (f"{word}s", f"{word}es")


def _content_words(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.lower())
    told = (word for word in dict.fromkeys(words) if word not in _FUNCTION_WORDS and not word.isdigit())
    return list(islice(told, _MOST_WORDS))


def _is_known(word: str, vocabulary: frozenset[str]) -> bool:
    if word in vocabulary:
        return True
    return bool(_near(word, vocabulary))


def _near(word: str, vocabulary: frozenset[str]) -> list[str]:
    """The known word that a word may be a slip of, if there is one: it begins alike. Of equally near ones the last in
    order of letters."""
    if len(word) < _SHORTEST_MISSPELLING:
        return []
    near = sorted(known for known in vocabulary if known[0] == word[0] and abs(len(known) - len(word)) <= 2)
    return get_close_matches(word, near, n=1, cutoff=_SIMILAR)
