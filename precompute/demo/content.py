"""What the demo bundle says: its tables, in the bundle's own order of rows, and the words about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from precompute.demo.products.catalogue import Product, drawn_products
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.queries import JudgedQuery, judged_queries
from precompute.demo.products.wishes import label
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.tables import tie_keys
from sqid_core.types import Labels

PRODUCTS, QUERIES = 2000, 200
NAME = "demo"
ABOUT = {
    "title": "Demo shop",
    "description": (
        "A made-up shop: drawn products with seller-like titles, and queries whose labels follow from the products' "
        "attributes. Its vectors come from a tiny CLIP that was trained on other drawings of the same kinds. "
        "Good for trying things out; its figures say nothing about real shops."
    ),
    "source": "drawn by python -m precompute demo",
    "licence": "Apache-2.0",
    # What labels follow from, beside the brand that every card has.
    "label_fields": "color, pattern, material",
}


@dataclass(frozen=True)
class Content:
    """A demo's products, in the row order that bundles store, and its queries, sorted by id."""

    seed: int
    products: list[Product]
    queries: list[JudgedQuery]

    def about(self) -> dict[str, str]:
        """The manifest's words about the bundle. The seed tells one demo from another."""
        return ABOUT | {"seed": str(self.seed)}


def drawn_content(seed: int, products: int = PRODUCTS, queries: int = QUERIES) -> Content:
    """The demo's products and judged queries for a seed."""
    drawn = drawn_products(seed, products)
    keys = tie_keys(product.product_id for product in drawn)
    in_order = [drawn[row] for row in keys.argsort(kind="stable")]
    return Content(seed, in_order, judged_queries(in_order, seed, queries))


def picture_name(product: Product) -> str:
    """The picture's file, below the bundle's images/."""
    return f"{product.product_id}.webp"


def product_frame(content: Content) -> pd.DataFrame:
    """products.parquet: the columns of every bundle, and the attributes that the labels follow from."""
    return pd.DataFrame(
        {
            "product_id": p.product_id,
            "title": p.title,
            "brand": p.traits.brand,
            "color": p.traits.colour,
            "category": KINDS[p.traits.kind].category,
            "price": p.price,
            "image": picture_name(p) if p.pictured else None,
            "description": p.description,
            "locale": "us",
            "kind": p.traits.kind,
            "variant": p.traits.variant,
            "pattern": p.traits.pattern,
            "material": p.traits.material,
            "facet": p.traits.facet,
        }
        for p in content.products
    )


def query_frame(content: Content) -> pd.DataFrame:
    """queries.parquet. category: of the wished kind; asks: the attributes that the wish names, "kind" for none."""
    return pd.DataFrame(
        {
            "query_id": q.query_id,
            "query": q.text,
            "source": q.source,
            "split": "test",
            "category": KINDS[q.wish.kind].category,
            "asks": " + ".join(attribute for attribute, _ in q.wish.wanted) or "kind",
        }
        for q in content.queries
    )


def judgement_frame(content: Content) -> pd.DataFrame:
    """judgements.parquet: each query's slate with its labels."""
    return pd.DataFrame(
        {"query_id": q.query_id, "product_id": content.products[row].product_id, "label": letter}
        for q in content.queries
        for row, letter in q.slate
    )


def known_labels(content: Content) -> Labels:
    """(Q, N) the label of every product for every query: a drawn shop knows what it drew."""
    code = {letter: position for position, letter in enumerate(ESCI.letters)}
    traits = [product.traits for product in content.products]
    return np.array([[code[label(query.wish, each)] for each in traits] for query in content.queries], dtype=np.int8)


def picture_frame(content: Content, digests: dict[str, str]) -> pd.DataFrame:
    """images.parquet: each product's picture and the hash of its file, or that it has none."""
    return pd.DataFrame(
        {
            "product_id": p.product_id,
            "status": "done" if p.pictured else "missing",
            "file": picture_name(p) if p.pictured else None,
            "sha256": digests.get(p.product_id),
        }
        for p in content.products
    )
