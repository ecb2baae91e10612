"""The words of the training captions: what the tokenizer must know whole, and what the app takes for known."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from precompute.demo.products.kinds import KINDS, Kind
from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERN_WORDS
from precompute.demo.products.titles import POETIC_ADJECTIVES, POETIC_NOUNS
from precompute.demo.text.everyday import ignored, leading_words, sayings

# Words of the sentence patterns in titles and wishes themselves.
GLUE = "a by for with in of from made about no edition novel book story reader"


@lru_cache(maxsize=1)
def known_words() -> list[str]:
    """All words that a caption can hold, lower case, sorted; letters and digits only."""
    unsaid = ignored()
    return _words([*shop_words(), *meant_words(), *unsaid.before, *unsaid.after, *unsaid.words])


@lru_cache(maxsize=1)
def meant_words() -> list[str]:
    """The words that ask for something, or stand in titles: those that say nothing to the model are left out, and
    numbers are no words."""
    everyday = (saying.text for saying in (*sayings(), *leading_words()))
    return [word for word in _words([*shop_words(), *everyday]) if not word.isdigit()]


@lru_cache(maxsize=1)
def shop_words() -> list[str]:
    """The words of titles and of wishes as the shop's own queries say them."""
    return _words(_phrases())


def _words(phrases: Iterable[str]) -> list[str]:
    return sorted({word for phrase in phrases for word in re.findall(r"[^\W_]+", phrase.lower())})


def _phrases() -> Iterator[str]:
    yield GLUE
    yield from POETIC_ADJECTIVES
    yield from POETIC_NOUNS
    for words in COLOUR_WORDS.values():
        yield from words
    for before, after in PATTERN_WORDS.values():
        yield from before
        yield from after
    for kind in KINDS.values():
        yield from _kind_phrases(kind)


def _kind_phrases(kind: Kind) -> Iterator[str]:
    yield from (*kind.nouns, *kind.related, *kind.uses, *kind.brands)
    for group in kind.details:
        yield from group
    for words in (kind.variants, kind.materials, kind.facet_words):
        for phrases in words.values():
            yield from phrases
