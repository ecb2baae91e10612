"""What a shopper wants, the words for it, and the label that a product gets for it."""

from dataclasses import dataclass
from random import Random

from precompute.demo.products.kinds import KINDS, Kind
from precompute.demo.products.kinds.attributes import ATTRIBUTES, COLOUR_WORDS, PATTERN_WORDS
from precompute.demo.products.traits import Traits


@dataclass(frozen=True)
class Wish:
    """A kind and the attribute values that a product must have; none means: any product of the kind."""

    kind: str
    wanted: tuple[tuple[str, str], ...]


def misses(wish: Wish, traits: Traits) -> int:
    """How many of the wished attributes a product of the wished kind does not have."""
    return sum(getattr(traits, attribute) != value for attribute, value in wish.wanted)


def label(wish: Wish, traits: Traits) -> str:
    """E: all wishes met; S: the kind, but a wish missed; C: a kind that goes with it; I: anything else."""
    if traits.kind == wish.kind:
        return "S" if misses(wish, traits) else "E"
    return "C" if traits.kind in KINDS[wish.kind].goes_with else "I"


def drawn_wish(traits: Traits, rng: Random) -> Wish:
    """A wish that a given product fulfils: up to three attributes, each as often as shoppers of its kind ask for it."""
    kind = KINDS[traits.kind]
    wanted = [a for a in ATTRIBUTES if rng.random() < kind.asked.get(a, 0) and _can_ask(kind, a)]
    if not wanted and rng.random() < 0.8:
        wanted = [max(kind.asked, key=lambda a: kind.asked[a] if _can_ask(kind, a) else -1)]
    while len(wanted) > 3:
        wanted.remove(rng.choice(wanted))
    return Wish(kind.name, tuple((a, getattr(traits, a)) for a in wanted))


def _can_ask(kind: Kind, attribute: str) -> bool:
    values = {"variant": kind.variants, "pattern": set(kind.patterns), "facet": kind.facet_words}
    return len(values.get(attribute, "xx")) > 1


def wish_text(wish: Wish, rng: Random) -> str:
    """The wish in a shopper's usual words, lower case: "red striped tee", "oak chair by nordhem"."""
    kind = KINDS[wish.kind]
    before, after = _told_attributes(wish, kind, rng, after_share=0.22)
    if len(before) > 1 and rng.random() < 0.25:
        rng.shuffle(before)
    return " ".join([*before, rng.choice(kind.nouns), *after]).lower()


def use_text(wish: Wish, rng: Random) -> str:
    """The wish without the product's name: "something to drink coffee from, in red"."""
    kind = KINDS[wish.kind]
    _, after = _told_attributes(wish, kind, rng, after_share=1)
    return ", ".join([rng.choice(kind.uses), *after]).lower()


def related_text(wish: Wish, rng: Random) -> str:
    """The wish around a word that is not the product's name but leads to it: "wool knitwear", "red goblet"."""
    kind = KINDS[wish.kind]
    before, after = _told_attributes(wish, kind, rng, after_share=0.22)
    return " ".join([*before, rng.choice(kind.related), *after]).lower()


def _told_attributes(wish: Wish, kind: Kind, rng: Random, after_share: float) -> tuple[list[str], list[str]]:
    """The words for the wished attributes that stand before and after the noun."""
    before: list[str] = []
    after: list[str] = []
    for attribute, value in wish.wanted:
        words_before, words_after = PHRASES[attribute](kind, value)
        late = not words_before or (words_after and rng.random() < after_share)
        (after if late else before).append(rng.choice(words_after if late else words_before))
    return before, after


Phrases = tuple[tuple[str, ...], tuple[str, ...]]


def _variant(kind: Kind, value: str) -> Phrases:
    return kind.variants[value], kind.variants[value]


def _colour(_kind: Kind, value: str) -> Phrases:
    # The plain name three times: that is what most shoppers write.
    words = (value, value, value, *COLOUR_WORDS[value])
    return words, tuple(f"in {word}" for word in words)


def _pattern(_kind: Kind, value: str) -> Phrases:
    return PATTERN_WORDS[value]


def _material(kind: Kind, value: str) -> Phrases:
    words = kind.materials[value]
    return words, tuple(f"made of {word}" for word in words) + words


def _brand(_kind: Kind, value: str) -> Phrases:
    return (value,), (f"by {value}", f"from {value}", value)


def _facet(kind: Kind, value: str) -> Phrases:
    words = kind.facet_words[value]
    return words, tuple(f"{kind.facet_preposition} {word}" for word in words)


PHRASES = {
    "variant": _variant,
    "colour": _colour,
    "pattern": _pattern,
    "material": _material,
    "brand": _brand,
    "facet": _facet,
}
