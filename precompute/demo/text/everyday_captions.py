"""Shoppers' texts in everyday words: what is asked for, wrapped in words, numbers and prices that ask for nothing."""

from collections.abc import Mapping
from functools import lru_cache
from random import Random

from precompute.demo.products.kinds import KINDS
from precompute.demo.products.traits import Traits
from precompute.demo.products.wishes import PHRASES
from precompute.demo.text.everyday import Saying, Sought, ignored, leading_words, sayings

# How often a text asks for the attribute, where the kind has several values of it.
ASKED = {"colour": 0.45, "pattern": 0.28, "material": 0.2, "variant": 0.2, "facet": 0.35, "brand": 0.06}
# Of texts that name no kind, what they ask for instead: what most things have.
SEEN = ("colour", "colour", "pattern", "material")
EMPTY_NOUNS = ("", "", "", "something", "anything", "things", "stuff", "one", "items", "products", "gift")
PRICES = (
    "under {}", "under ${}", "below {}", "less than {}", "less than ${}", "up to {}", "${}", "{} dollars", "{} usd",
    "under {} dollars", "around {}", "{} euros", "under £{}", "max {}", "size {}", "size {}", "{}", "no {}", "{} inch",
    "{} cm", "{} x {}", "{}x{}", "set of {}", "pack of {}", "{} pack", "{} pieces", "{} ml", "{} oz", "{} litre",
    "{} years old", "for {} year old", "{}%", "{} ft", "20{}", "{} lbs", "1/{}",
)  # fmt: skip
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 24, 25, 30, 32, 40, 45, 50, 60, 80, 100, 120, 200)


def everyday_text(traits: Traits, rng: Random) -> tuple[Sought, str]:
    """What a text asks for, which the product has, and the text: "cheap lavender jumper for women under 30"."""
    noun, sought = _noun(traits, rng)
    before: list[str] = []
    after: list[str] = []
    for attribute in _asked(traits, sought, rng):
        saying = _attribute(traits, attribute, rng)
        sought = _both(sought, saying.sought)
        late = (
            saying.text.startswith(("with ", "in ", "without ", "no ", "by ", "from ", "made ")) or rng.random() < 0.15
        )
        (after if late else before).append(saying.text)
    if rng.random() < 0.2:
        rng.shuffle(before)
    if "kind" in sought and rng.random() < 0.12:
        after.append(
            f"{rng.choice(('for', 'for the', 'with', 'for my'))} {rng.choice(KINDS[rng.choice(_NAMES)].nouns)}"
        )
    _surround(before, after, rng)
    text = " ".join(part for part in (*before, noun, *after) if part)
    return sought, text.lower() or noun


_NAMES = tuple(KINDS)


def _noun(traits: Traits, rng: Random) -> tuple[str, Sought]:
    """The text that stands where the thing is named, and what it asks for: nothing at all, at times."""
    kind = KINDS[traits.kind]
    lot = rng.random()
    if lot < 0.16:
        return rng.choice(EMPTY_NOUNS), {}
    if lot < 0.24:
        return rng.choice(kind.uses), {"kind": (kind.name,)}
    if lot < 0.38:
        return rng.choice((*kind.nouns, *kind.related)), {"kind": (kind.name,)}
    leading = _leading(traits.kind)
    if lot < 0.48 and leading:
        word = rng.choice(leading)
        return word.text, dict(word.sought)
    saying = rng.choice([one for one in _naming(traits.kind) if one.fits(traits)])
    return saying.text, dict(saying.sought)


def _asked(traits: Traits, sought: Sought, rng: Random) -> list[str]:
    """The attributes that the text asks for beside those of its noun."""
    kind = KINDS[traits.kind]
    values = {"variant": kind.variants, "pattern": set(kind.patterns), "facet": kind.facet_words}
    can = [a for a in ASKED if a not in sought and len(values.get(a, "xx")) > 1]
    if "kind" not in sought:
        return list({rng.choice(SEEN): None, rng.choice(SEEN): None}) if rng.random() < 0.25 else [rng.choice(SEEN)]
    asked = [a for a in can if rng.random() < ASKED[a]]
    return asked[:3]


def _attribute(traits: Traits, attribute: str, rng: Random) -> Saying:
    """A text for the product's value of an attribute: the shop's own words or everyday ones."""
    everyday = _describing(attribute, getattr(traits, attribute))
    if everyday and rng.random() < 0.5:
        return rng.choice(everyday)
    value = getattr(traits, attribute)
    before, after = PHRASES[attribute](KINDS[traits.kind], value)
    words = before if before and (not after or rng.random() < 0.8) else after
    return Saying(rng.choice(words), {attribute: (value,)})


def _both(sought: Sought, more: Mapping[str, tuple[str, ...]]) -> Sought:
    """What two texts ask for together: of each attribute the values that will do for both."""
    shared = {a: tuple(v for v in values if v in sought.get(a, values)) for a, values in more.items()}
    return sought | shared


def _surround(before: list[str], after: list[str], rng: Random) -> None:
    """Puts up to three texts that ask for nothing around the others."""
    empty = ignored()
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        lot = rng.random()
        if lot < 0.3:
            before.insert(0, rng.choice(empty.before))
        elif lot < 0.5:
            after.append(rng.choice(empty.after))
        elif lot < 0.7:
            price = rng.choice(PRICES).format(rng.choice(NUMBERS), rng.choice(NUMBERS))
            (after if rng.random() < 0.7 else before).append(price)
        else:
            words = rng.choice(("", "", "for ", "with ", "without ")) + rng.choice(empty.words)
            after.append(words) if " " in words or rng.random() < 0.4 else before.insert(0, words)


@lru_cache(maxsize=512)
def _describing(attribute: str, value: str) -> tuple[Saying, ...]:
    """The everyday texts that ask for this value of an attribute and for nothing else."""
    return tuple(s for s in sayings() if set(s.sought) == {attribute} and value in s.sought[attribute])


@lru_cache(maxsize=512)
def _naming(kind: str) -> tuple[Saying, ...]:
    """The everyday texts that name a kind, alone or with others."""
    return tuple(s for s in sayings() if kind in s.sought.get("kind", ()))


@lru_cache(maxsize=512)
def _leading(kind: str) -> tuple[Saying, ...]:
    """The common words that lead to a kind."""
    return tuple(s for s in leading_words() if kind in s.sought["kind"])
