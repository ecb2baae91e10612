"""Made-up files in ESCI's and SQID's formats, with their traps: two locales, ids of digits, missing pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DIM = 768
# Digits only, leading zeros, and words that a careless reader takes for missing values.
PRODUCT_IDS = ("0060538260", "1234567890", "B000000001", "B000000002", "NA", "B000000004", "B000000005", "000")
QUERY_IDS = (2, 100064, 7)
QUERIES = ("red mug", "lámpara, small", 'chair 18" high')
LABELS = "ESCI"


def judged_pairs() -> list[tuple[int, str, str]]:
    """Query id, product id, label: eight products for the first query, five and four for the others."""
    return [
        (query, product, LABELS[(position * 3 + i) % 4])
        for position, (query, depth) in enumerate(zip(QUERY_IDS, (8, 5, 4), strict=True))
        for i, product in enumerate(PRODUCT_IDS[:depth])
    ]


def examples() -> pd.DataFrame:
    """The pairs, one more that occurs twice, and rows of other slices that must be left out."""
    rows = [_example(query, product, label) for query, product, label in judged_pairs()]
    rows.append(dict(rows[0]))
    for change in ({"split": "train"}, {"small_version": 0}, {"product_locale": "es"}):
        rows.append(_example(999, "B00000000X", "E") | change)
    return pd.DataFrame(rows).assign(example_id=range(len(rows)))


def _example(query: int, product: str, label: str) -> dict[str, Any]:
    text = dict(zip(QUERY_IDS, QUERIES, strict=True)).get(query, "other")
    return {
        "query": text,
        "query_id": query,
        "product_id": product,
        "product_locale": "us",
        "esci_label": label,
        "small_version": 1,
        "large_version": 1,
        "split": "test",
    }


def products() -> pd.DataFrame:
    """The judged products, the first one again in another locale, and one that nobody judged."""
    rows = [
        {
            "product_id": product,
            "product_title": f"Product {i}, <b>bold</b>\nsecond line",
            "product_description": None if i % 2 else f"<p>Description {i}</p>",
            "product_bullet_point": f"Point {i}" if i != 1 else None,
            "product_brand": "None" if i == 3 else f"Brand {i}",
            "product_color": None,
            "product_locale": "us",
        }
        for i, product in enumerate((*PRODUCT_IDS, "B0UNJUDGED"))
    ]
    rows.append(rows[0] | {"product_title": "Producto", "product_locale": "es"})
    return pd.DataFrame(rows)


def image_urls() -> pd.DataFrame:
    urls = ["https://h.example/a,b.jpg", "", "nan", None, "https://h.example/x_CLa%7C2140%2C2000%7C.jpg"]
    return pd.DataFrame({"product_id": PRODUCT_IDS[:5], "image_url": urls})


def categories() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": PRODUCT_IDS[:3],
            "category": ["Home > Kitchen > Mugs", None, "Home"],
            "price": ["$1,299.00", "12.5", None],
            "rating": [4.5, None, 3.0],
            "rating_count": [10, None, 2],
        }
    )


def sources() -> pd.DataFrame:
    return pd.DataFrame({"query_id": [2, 7, 8], "source": ["behavioral", "negations", "other"]})


def raw_vectors(count: int, seed: int) -> np.ndarray:
    """(count, DIM) float32 of lengths 11 to 23, as SQID's are."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, DIM))
    lengths = rng.uniform(11, 23, count)[:, None]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) * lengths).astype(np.float32)


def query_features() -> pd.DataFrame:
    vectors = raw_vectors(len(QUERY_IDS) + 1, 0)
    return pd.DataFrame({"query_id": [*QUERY_IDS, 555], "clip_text_features": list(vectors)})


def product_features() -> pd.DataFrame:
    """Vectors of every product but the last; of the first three pictures one is None, one all nan, one zero."""
    count = len(PRODUCT_IDS) - 1
    images: list[Any] = list(raw_vectors(count, 2))
    images[:3] = [None, np.full(DIM, np.nan, np.float32), np.zeros(DIM, np.float32)]
    frame = {"product_id": PRODUCT_IDS[:count], "clip_text_features": list(raw_vectors(count, 1))}
    return pd.DataFrame(frame | {"clip_image_features": images})


TABLES = {
    "examples": examples,
    "products": products,
    "image_urls": image_urls,
    "categories": categories,
    "sources": sources,
    "query_features": query_features,
    "product_features": product_features,
}


def write(folder: Path, suffix: str = "parquet", **changed: pd.DataFrame) -> dict[str, Path]:
    """All files; `changed` replaces tables. Features are Parquet whatever the suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, make in TABLES.items():
        frame = changed.get(name, make() if name not in changed else None)
        paths[name] = folder / f"{name}.{'parquet' if name.endswith('features') else suffix}"
        if paths[name].suffix == ".parquet":
            frame.to_parquet(paths[name], index=False)
        else:
            frame.to_csv(paths[name], index=False)
    return paths


# Without SQID's vectors.
ESCI_ONLY = ("examples", "products", "image_urls", "categories", "sources")


def options(paths: dict[str, Path], names: tuple[str, ...] = tuple(TABLES)) -> list[str]:
    """The verb `import` and its options for these files."""
    return ["import", *(word for name in names for word in (f"--{name.replace('_', '-')}", str(paths[name])))]
