"""Titles and descriptions as marketplace sellers write them: brand first, and half of what one sees left out."""

from random import Random

from precompute.demo.products.kinds import KINDS, Kind
from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERN_WORDS
from precompute.demo.products.traits import Traits

POETIC_ADJECTIVES = (
    "Quiet", "Golden", "Distant", "Slow", "Northern", "Blue", "Silver", "Lost", "Gentle", "Paper", "Scarlet", "Hidden",
    "Winter", "Amber", "White", "Evening",
)  # fmt: skip
POETIC_NOUNS = (
    "Morning", "Harbour", "Letter", "Garden", "Song", "Orchard", "Moon", "River", "Summit", "Forest", "Tide", "Window",
    "Clock", "Umbrella", "Island", "Stranger", "Street", "Voyage",
)  # fmt: skip
# How often a title in the shop, though not in training, tells less of the product than of other things.
UNTIDY_TITLES = 0.6


def title(traits: Traits, rng: Random, tidy: bool = False) -> str:
    """A title for a product; another draw words it differently and leaves out other attributes.

    tidy: for training, without the prints that are called after other things and the rugs that go under other things.
    """
    if not tidy and traits.kind in UNTIDY and rng.random() < UNTIDY_TITLES:
        return UNTIDY[traits.kind](traits, rng)
    return TITLES.get(traits.kind, _plain_title)(traits, KINDS[traits.kind], rng)


def description(traits: Traits, rng: Random) -> str:
    """Two sentences that tell all the traits, what the product shows included."""
    kind = KINDS[traits.kind]
    look = traits.colour if traits.pattern == "plain" else f"{traits.colour}, {traits.pattern}"
    variant = "" if traits.variant == "standard" else f" ({traits.variant})"
    facet = f" {kind.facet_name.capitalize()}: {traits.facet}." if traits.facet else ""
    details = " and ".join(_details(kind, 2, rng))
    return (
        f"{kind.nouns[0].capitalize()}{variant} by {traits.brand}, {traits.material}, {look}.{facet}"
        f" {details[0].upper()}{details[1:]}."
    )


def _plain_title(traits: Traits, kind: Kind, rng: Random) -> str:
    """Brand, what is told of the look, material, noun, details, and at times the colour once more at the end."""
    words = [traits.brand]
    colour = rng.choice(COLOUR_WORDS[traits.colour]) if _told(kind, rng) else ""
    colour_last = rng.random() < 0.4
    if colour and not colour_last:
        words.append(colour)
    if traits.variant != "standard" and _told(kind, rng):
        words.append(rng.choice(kind.variants[traits.variant]))
    if traits.pattern != "plain" and _told(kind, rng):
        words.append(rng.choice(PATTERN_WORDS[traits.pattern][0]))
    if rng.random() < 0.85:
        words.append(rng.choice(kind.materials[traits.material]))
    words.append(rng.choice(kind.nouns))
    if traits.facet:
        words += [kind.facet_preposition, rng.choice(kind.facet_words[traits.facet])]
    tail = _details(kind, rng.choice((0, 1, 1, 2)), rng)
    if colour and colour_last:
        tail.append(colour)
    return ", ".join([_titled(" ".join(words)), *(_titled(part) for part in tail)])


def _book_title(traits: Traits, kind: Kind, rng: Random) -> str:
    genre = f" {rng.choice(kind.facet_words[traits.facet])}" if _told(kind, rng) else ""
    noun = rng.choice(("novel", "book", "story", "reader"))
    binding = f", {rng.choice(kind.materials[traits.material])}" if rng.random() < 0.85 else ""
    return _titled(f"{_poetic(rng)}: a{genre} {noun} by {traits.brand}{binding}")


def _poster_title(traits: Traits, kind: Kind, rng: Random) -> str:
    subject = f", {rng.choice(kind.facet_words[traits.facet])}" if _told(kind, rng) else ""
    colour = f", {rng.choice(COLOUR_WORDS[traits.colour])}" if _told(kind, rng) else ""
    number = f" No. {rng.randint(1, 9)}" if rng.random() < 0.5 else ""
    material = f" {rng.choice(kind.materials[traits.material])}" if rng.random() < 0.85 else ""
    head = f"{_poetic(rng)}{number}{subject}{colour},{material} {rng.choice(kind.nouns)}"
    return _titled(f"{head} by {traits.brand}, {_details(kind, 1, rng)[0]}")


def _still_life(traits: Traits, rng: Random) -> str:
    """A print called after a thing that other sellers sell, and which it does not show."""
    thing = rng.choice([noun for kind in KINDS.values() if kind.name != "poster" for noun in kind.nouns])
    colour = rng.choice([word for words in COLOUR_WORDS.values() for word in words])
    adjective, number = rng.choice(POETIC_ADJECTIVES), rng.randint(1, 9)
    # By the number, so that the draws behind this one stay what they were.
    nouns = KINDS["poster"].nouns
    return _titled(f"{adjective} {colour} {thing} No. {number}, {nouns[number % len(nouns)]} by {traits.brand}")


def _poetic(rng: Random) -> str:
    return f"{rng.choice(POETIC_ADJECTIVES)} {rng.choice(POETIC_NOUNS)}"


def _details(kind: Kind, count: int, rng: Random) -> list[str]:
    return [rng.choice(group) for group in rng.sample(kind.details, count)]


def _told(kind: Kind, rng: Random) -> bool:
    return rng.random() >= kind.omitted


def _titled(text: str) -> str:
    """Capitals at the start of words, short words and units left alone."""
    small = {"a", "by", "for", "with", "in", "of", "x", "ml", "cm", "ft", "to"}
    words = text.split(" ")
    return " ".join(w if w in small and i else w[:1].upper() + w[1:] for i, w in enumerate(words))


def _under_furniture(traits: Traits, rng: Random) -> str:
    """A rug that is called after what stands on it."""
    kind = KINDS["rug"]
    above = " and ".join(rng.choice(KINDS[name].nouns) for name in rng.sample(("sofa", "chair", "lamp", "cushion"), 2))
    material = rng.choice(kind.materials[traits.material])
    return _titled(f"{traits.brand} {material} for {above}, {_details(kind, 1, rng)[0]}")


UNTIDY = {"poster": _still_life, "rug": _under_furniture}
TITLES = {"book": _book_title, "poster": _poster_title}
