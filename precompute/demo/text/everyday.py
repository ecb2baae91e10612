"""Everyday words for training: what they ask of a product, and words that ask for nothing this shop tells of."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from precompute.demo.products.kinds import KINDS
from precompute.demo.products.traits import Traits
from precompute.demo.products.wishes import Wish

COMMON_WORDS = Path(__file__).with_name("common_words.tsv")
# What a text asks for: attribute -> the values that will do, the kind among the attributes.
Sought = dict[str, tuple[str, ...]]


def as_sought(wish: Wish) -> Sought:
    """The wish as the attributes and values that it asks for."""
    return {attribute: (value,) for attribute, value in (("kind", wish.kind), *wish.wanted)}


@dataclass(frozen=True)
class Saying:
    """A text and what it asks for."""

    text: str
    sought: Mapping[str, tuple[str, ...]]

    def fits(self, traits: Traits) -> bool:
        """Whether a product has what the text asks for."""
        return all(getattr(traits, attribute) in values for attribute, values in self.sought.items())


@dataclass(frozen=True)
class Ignored:
    """Texts that ask for nothing: before what is asked for, after it, and common words for anywhere."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def sayings() -> tuple[Saying, ...]:
    """All texts of everyday.toml that ask for something."""
    return tuple(
        Saying(text, {key: tuple(values) for key, values in entry.items() if key != "say"})
        for entry in _lexicon()["words"]
        for text in entry["say"]
    )


@lru_cache(maxsize=1)
def leading_words() -> tuple[Saying, ...]:
    """The common words that lead to some kinds by their sense: "jogging" to sneakers."""
    return tuple(Saying(word, {"kind": kinds}) for word, kinds in _common_words() if kinds)


@lru_cache(maxsize=1)
def ignored() -> Ignored:
    """All texts that ask for nothing."""
    lexicon = _lexicon()
    said = {word for saying in sayings() for word in saying.text.split()}
    words = tuple(word for word, kinds in _common_words() if not kinds and word not in said)
    return Ignored(tuple(lexicon["ignored"]), tuple(lexicon["ignored_after"]), words)


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("everyday.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _common_words() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The lines of common_words.tsv: a word, and the kinds it leads to, parted by commas."""
    lines = COMMON_WORDS.read_text(encoding="utf-8").splitlines()
    parts = (line.partition("\t") for line in lines)
    return tuple((word, tuple(kind for kind in kinds.split(",") if kind in KINDS)) for word, _, kinds in parts)
