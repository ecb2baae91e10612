"""The demo's judged queries: wishes that some product fulfils, with slates of near misses around it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from precompute.demo.products.catalogue import Product
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.wishes import Wish, drawn_wish, label, misses, use_text, wish_text


@dataclass(frozen=True)
class JudgedQuery:
    """A query, the wish behind it and its slate: (row in the products, label letter)."""

    query_id: str
    text: str
    source: str
    wish: Wish
    slate: tuple[tuple[int, str], ...]


def judged_queries(products: list[Product], seed: int, count: int = 200) -> list[JudgedQuery]:
    """`count` queries over the kinds in turn, no text twice, each with at least one Exact and one other product."""
    rng = Random(f"demo queries {seed}")
    rows_by_kind = {name: [i for i, p in enumerate(products) if p.traits.kind == name] for name in KINDS}
    kinds = [name for name in KINDS if rows_by_kind[name]]
    queries: dict[str, JudgedQuery] = {}
    while len(queries) < count:
        kind = kinds[len(queries) % len(kinds)]
        wish = drawn_wish(products[rng.choice(rows_by_kind[kind])].traits, rng)
        source, worded = _wording(rng)
        text = worded(wish, rng)
        if text not in queries:
            slate = _drawn_slate(wish, products, rows_by_kind, rng)
            queries[text] = JudgedQuery(f"{1001 + len(queries)}", text, source, wish, slate)
    return list(queries.values())


def _wording(rng: Random) -> tuple[str, Callable[[Wish, Random], str]]:
    """One query in twelve says what the product is for and does not name it."""
    return ("use", use_text) if rng.random() < 1 / 12 else ("name", wish_text)


def _drawn_slate(
    wish: Wish, products: list[Product], rows_by_kind: dict[str, list[int]], rng: Random
) -> tuple[tuple[int, str], ...]:
    """Up to 7 Exact, 14 Substitutes (nearest misses first), 2 Complements and 5 Irrelevant, in random order."""
    same_kind = rng.sample(rows_by_kind[wish.kind], len(rows_by_kind[wish.kind]))
    same_kind.sort(key=lambda row: misses(wish, products[row].traits))
    exact = [row for row in same_kind if label(wish, products[row].traits) == "E"]
    missed = same_kind[len(exact) :]
    going = [row for name in KINDS[wish.kind].goes_with for row in rows_by_kind[name]]
    others = [
        row
        for name, rows in rows_by_kind.items()
        if name not in (wish.kind, *KINDS[wish.kind].goes_with)
        for row in rows
    ]
    chosen = exact[: rng.randint(2, 7)] + missed[: rng.randint(5, 14)]
    chosen += rng.sample(going, min(len(going), rng.choice((0, 0, 1, 1, 2))))
    chosen += rng.sample(others, min(len(others), rng.randint(1, 5)))
    rng.shuffle(chosen)
    return tuple((row, label(wish, products[row].traits)) for row in chosen)
