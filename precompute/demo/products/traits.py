"""Traits: the facts about one product from which its title, its picture and all its labels follow."""

from dataclasses import dataclass
from random import Random

from precompute.demo.products.kinds import KINDS


@dataclass(frozen=True)
class Traits:
    """What a product is. `facet` is the kind's own attribute (a book's genre), empty where the kind has none."""

    kind: str
    variant: str
    colour: str
    pattern: str
    material: str
    brand: str
    facet: str


def drawn_traits(kind_name: str, rng: Random) -> Traits:
    """Traits of a random product of one kind; about two in five products of a kind with patterns are plain."""
    kind = KINDS[kind_name]
    plain = "plain" in kind.patterns and rng.random() < 0.3
    return Traits(
        kind=kind.name,
        variant=rng.choice(tuple(kind.variants)),
        colour=rng.choice(kind.colours),
        pattern="plain" if plain else rng.choice(kind.patterns),
        material=rng.choice(tuple(kind.materials)),
        brand=rng.choice(kind.brands),
        facet=rng.choice(kind.facets),
    )
