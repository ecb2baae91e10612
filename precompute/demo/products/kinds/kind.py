"""The frozen description of one kind of product: its words, its attributes and how shoppers ask for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One kind of product.

    nouns: what sellers and most shoppers call it, the plainest first.
    related: other words that lead here: near synonyms, things done with it, parts of it.
    uses: phrases that ask for it without naming it.
    variants: shape variant -> the words for it; visible in the picture unless the drawing says otherwise.
    facet_words: value of the kind's own attribute -> the words for it (a book's genre, a poster's subject).
    details: further things that titles tell; of each group one at most (there is one size only).
    asked: attribute -> how often a shopper's query mentions it.
    omitted: how often a title leaves out a visible attribute.
    """

    name: str
    category: str
    nouns: tuple[str, ...]
    related: tuple[str, ...]
    uses: tuple[str, ...]
    variants: dict[str, tuple[str, ...]]
    materials: dict[str, tuple[str, ...]]
    brands: tuple[str, ...]
    patterns: tuple[str, ...]
    colours: tuple[str, ...]
    details: tuple[tuple[str, ...], ...]
    price: tuple[float, float]
    goes_with: tuple[str, ...] = ()
    facet_name: str = ""
    facet_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    visible_facet: bool = False
    asked: dict[str, float] = field(
        default_factory=lambda: {"variant": 0.28, "colour": 0.42, "pattern": 0.32, "material": 0.42, "brand": 0.36}
    )
    omitted: float = 0.6

    @property
    def facets(self) -> tuple[str, ...]:
        """The values of the kind's own attribute; one empty value where it has none."""
        return tuple(self.facet_words) or ("",)
