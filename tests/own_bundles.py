"""What `own` made: the labels and gains of a bundle by the queries' texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sqid_core.bundle.load import Dataset, load_bundle

CASES = Path(__file__).parent / "steps" / "cases"
BASE = CASES / "base"
PRODUCTS, QUERIES = ["--products", str(BASE / "products.csv")], ["--queries", str(BASE / "queries.csv")]


def labels(folder: Path) -> dict[tuple[str, str], str]:
    """(query, product): label."""
    dataset = load_bundle(folder)
    return {(text, product): name for text, product, name, _ in judged(dataset)}


def gains(folder: Path) -> dict[tuple[str, str], float]:
    return {(text, product): gain for text, product, _, gain in judged(load_bundle(folder))}


def judged(dataset: Dataset) -> list[tuple[str, str, str, float]]:
    judgements, products = dataset.judgements, dataset.products["product_id"].to_numpy()
    texts = dict(zip(dataset.queries["query_id"], dataset.queries["query"], strict=True))
    return [
        (texts[judgements.query_ids[q]], products[judgements.rows[q, slot]], dataset.scale.names[label], gain)
        for q, slot in zip(*np.nonzero(judgements.mask), strict=True)
        for label in [judgements.labels[q, slot]]
        for gain in [float(dataset.scale.gains()[label])]
    ]
