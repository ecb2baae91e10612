"""The demo's products, drawn from a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from precompute.demo.products.kinds import KINDS
from precompute.demo.products.titles import description, title
from precompute.demo.products.traits import Traits, drawn_traits

MISSING_PICTURES = 0.05
ID_LETTERS = "0123456789BCDFGHJKLMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Product:
    """One product. `look` seeds all that varies in its picture; `pictured` is False for the share without a picture."""

    product_id: str
    traits: Traits
    title: str
    description: str
    price: float
    look: int
    pictured: bool


def drawn_products(seed: int, count: int = 2000) -> list[Product]:
    """`count` products: kinds in equal shares in random order, ids unique, 5 % (rounded) without a picture."""
    rng = Random(f"demo products {seed}")
    kinds = [name for _, name in zip(range(count), _kinds_in_turn(), strict=False)]
    rng.shuffle(kinds)
    ids = _drawn_ids(count, rng)
    unpictured = set(rng.sample(range(count), round(count * MISSING_PICTURES)))
    return [_drawn_product(ids[i], kind, i not in unpictured, rng) for i, kind in enumerate(kinds)]


def _kinds_in_turn() -> Iterator[str]:
    while True:
        yield from KINDS


def _drawn_product(product_id: str, kind_name: str, pictured: bool, rng: Random) -> Product:
    traits = drawn_traits(kind_name, rng)
    low, high = KINDS[kind_name].price
    # Most prices sit in the lower half of the range, as on real shelves.
    price = low + (high - low) * rng.random() ** 1.8
    return Product(
        product_id=product_id,
        traits=traits,
        title=title(traits, rng),
        description=description(traits, rng),
        price=int(price) + 0.99,
        look=rng.getrandbits(32),
        pictured=pictured,
    )


def _drawn_ids(count: int, rng: Random) -> list[str]:
    """Ids that look like a marketplace's: B0 and eight letters or digits."""
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids["B0" + "".join(rng.choices(ID_LETTERS, k=8))] = None
    return list(ids)
