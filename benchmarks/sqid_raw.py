"""Made-up files as large as SQID's and ESCI's real ones and in their formats, one row group each.

    python -m benchmarks.sqid_raw FOLDER --scale 1

The counts are the real ones at scale 1: 2,621,288 examples of which 181,701 belong to the slice, 1,814,924 products in
three locales, 164,900 pairs of vectors of which 8,355 lack the picture's. Vectors agree with the labels as much as
CLIP's do, about: text cosines near .8, picture cosines near .25, NDCG .81 to .83 each.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sqid_core.types import Positions, Vectors

QUERIES, PRODUCTS, JUDGEMENTS, WITHOUT_PICTURE = 8_956, 164_900, 181_701, 8_355
ALL_EXAMPLES, ALL_PRODUCTS, US_PRODUCTS, IN_TWO_LOCALES = 2_621_288, 1_814_924, 1_215_854, 4_359
DIM = 768
LABEL_SHARES = np.array([79_708, 63_563, 8_099, 30_331]) / JUDGEMENTS
# How far a product's vector turns to its query's, by label, and how much that varies within a label.
PULL, PULL_SPREAD = np.array([0.50, 0.44, 0.40, 0.36]), 0.16
_BLOCK, _TEXTS = 8192, 50_000


@dataclass(frozen=True, eq=False)
class Slates:
    """The judged pairs of the slice. query, product: (J,) positions; label: (J,) 0 to 3, best first."""

    query: Positions
    product: Positions
    label: Positions


def scaled(count: int, scale: float) -> int:
    return max(round(count * scale), 4)


def slates(rng: np.random.Generator, scale: float) -> Slates:
    """Every product is judged once, and some a second time for a far-away query; depths vary about 20."""
    queries, products, pairs = (scaled(n, scale) for n in (QUERIES, PRODUCTS, JUDGEMENTS))
    weights = rng.lognormal(0, 0.4, queries)
    ends = np.round(np.cumsum(weights) / weights.sum() * products).astype(np.int64)
    of_product = np.minimum(np.searchsorted(ends, np.arange(products), side="right"), queries - 1)
    again = rng.permutation(products)[: pairs - products]
    query = np.concatenate([of_product, (of_product[again] + queries // 2) % queries])
    product = np.concatenate([np.arange(products), again])
    return Slates(query, product, rng.choice(4, size=pairs, p=LABEL_SHARES))


def product_ids(count: int) -> npt.NDArray[np.object_]:
    """Like Amazon's, one in eight of digits only and one in eighty with zeros in front."""
    numbers = (np.arange(count) * 7_368_787 + 12_345) % 999_999_937
    return np.array(
        [f"{n:010d}" if i % 80 == 0 else f"1{n:09d}" if i % 8 == 0 else f"B{n:09d}" for i, n in enumerate(numbers)],
        dtype=object,
    )


def texts(rng: np.random.Generator, count: int, words: int) -> pa.Array:
    """(count,) strings of about `words` made-up words."""
    letters = np.array(list("etaoinshrdlu"))
    vocabulary = pa.array(["".join(rng.choice(letters, size=n)) for n in rng.integers(2, 10, 5000)])
    lengths = rng.integers(max(words // 2, 1), words * 3 // 2 + 2, count)
    chosen = vocabulary.take(pa.array(rng.zipf(1.3, lengths.sum()) % 5000))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), chosen), " ")


def write_one_group(path: Path, table: pa.Table) -> None:
    """The whole table as one row group, as the real files may be; plain text pages, so that repeats save nothing."""
    numbers = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    pq.write_table(table, path, row_group_size=len(table), use_dictionary=numbers or False)


def write_examples(path: Path, rng: np.random.Generator, judged: Slates, ids: npt.NDArray, scale: float) -> None:
    total, ours = scaled(ALL_EXAMPLES, scale), len(judged.query)
    others = total - ours
    query_texts = texts(rng, int(judged.query.max()) + 1, 4)
    query_ids = rng.permutation(130_000)[: len(query_texts)]
    in_test = rng.random(others) < 0.25
    columns = {
        "example_id": np.arange(total),
        "query": pa.chunked_array([query_texts.take(pa.array(judged.query)), texts(rng, others, 4)]),
        "query_id": np.concatenate([query_ids[judged.query], 200_000 + np.arange(others) // 20]),
        "product_id": np.concatenate([ids[judged.product], product_ids(others)]),
        "product_locale": np.concatenate([np.full(ours, "us"), np.where(in_test, "es", "us")]),
        "esci_label": np.concatenate([np.array(list("ESCI"))[judged.label], rng.choice(list("ESCI"), others)]),
        "small_version": np.concatenate([np.ones(ours, int), rng.integers(0, 2, others)]),
        "large_version": np.ones(total, int),
        "split": np.concatenate([np.full(ours, "test"), np.where(in_test, "test", "train")]),
    }
    write_one_group(path, pa.table(columns).take(pa.array(rng.permutation(total))))
    write_sources(path.with_name("shopping_queries_dataset_sources.csv"), rng, query_ids)
    write_query_features(path.with_name("query_features.parquet"), query_ids)


def write_sources(path: Path, rng: np.random.Generator, query_ids: Positions) -> None:
    sources = rng.choice(["other", "parse_pattern", "negations", "behavioral", "nlqec"], len(query_ids))
    lines = [f"{query},{source}" for query, source in zip(query_ids, sources, strict=True)]
    path.write_text("\n".join(["query_id,source", *lines, ""]), encoding="utf-8")


def write_products(path: Path, rng: np.random.Generator, ids: npt.NDArray, scale: float) -> None:
    """The slice's products among all: the same texts over and over, but about 1.1 GB of them, all in one row group."""
    total, in_us, twice = (scaled(n, scale) for n in (ALL_PRODUCTS, US_PRODUCTS, IN_TWO_LOCALES))
    others = total - len(ids) - twice
    pool = min(_TEXTS, total)
    rows = rng.permutation(total)
    all_ids = np.concatenate([ids, ids[:twice], [f"C{n:09d}" for n in range(others)]])[rows]
    locale = np.repeat(["us", "es", "us", "jp"], [len(ids), twice, in_us - len(ids), total - in_us - twice])[rows]
    columns = {"product_id": pa.array(all_ids, pa.string())}
    for name, words in (("title", 15), ("description", 90), ("bullet_point", 100), ("brand", 1), ("color", 1)):
        chunk = texts(rng, pool, words)
        repeated = [chunk] * (total // pool) + [chunk.slice(0, total % pool)]
        columns[f"product_{name}"] = pa.chunked_array(repeated)
    write_one_group(path, pa.table(columns | {"product_locale": locale}))


def query_topics() -> Vectors:
    return unit(np.random.default_rng(7).standard_normal((scaled(QUERIES, 1), DIM), dtype=np.float32))


def unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def of_lengths_11_to_23(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """SQID's vectors are not normalised."""
    return unit(vectors) * rng.uniform(11, 23, (len(vectors), 1)).astype(np.float32)


def lists(vectors: Vectors, present: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """(n, DIM) as a column of lists, null where not present."""
    there = np.ones(len(vectors), bool) if present is None else present
    offsets = np.concatenate([[0], np.cumsum(there) * DIM]).astype(np.int32)
    flat = pa.array((vectors if there.all() else vectors[there]).reshape(-1))
    return pa.ListArray.from_arrays(pa.array(offsets), flat, mask=pa.array(~there))


def common(seed: int) -> Vectors:
    """(DIM,) what all vectors of a kind share."""
    return unit(np.random.default_rng(seed).standard_normal(DIM, dtype=np.float32))


def write_query_features(path: Path, query_ids: Positions) -> None:
    rng = np.random.default_rng(5)
    vectors = of_lengths_11_to_23(0.84 * common(1) + 0.54 * query_topics()[: len(query_ids)], rng)
    write_one_group(path, pa.table({"query_id": query_ids, "clip_text_features": lists(vectors)}))


def product_vectors(topics: Vectors, pull: Vectors, shared: Vectors, share: float, rng: np.random.Generator) -> Vectors:
    """(n, DIM): what all share, the query's topic as far as `pull` (n,) says, and a direction of their own."""
    own = np.sqrt(np.clip(1 - pull**2, 0, 1))[:, None] * unit(rng.standard_normal(topics.shape, dtype=np.float32))
    mixed = share * shared + np.float32(np.sqrt(1 - share**2)) * (pull[:, None] * topics + own)
    return of_lengths_11_to_23(mixed, rng)


def write_product_features(path: Path, judged: Slates, ids: npt.NDArray, scale: float) -> None:
    rng, count, topics = np.random.default_rng(6), len(ids), query_topics()
    columns: dict[str, pa.Array | npt.NDArray] = {"product_id": ids}
    for name, seed, share in (("clip_text_features", 1, 0.9), ("clip_image_features", 2, 0.6)):
        vectors = np.empty((count, DIM), np.float32)
        for start in range(0, count, _BLOCK):
            rows = slice(start, min(start + _BLOCK, count))
            pull = (PULL[judged.label[rows]] + rng.normal(0, PULL_SPREAD, rows.stop - start)).astype(np.float32)
            vectors[rows] = product_vectors(topics[judged.query[rows]], pull, common(seed), share, rng)
        lacking = rng.permutation(count)[: scaled(WITHOUT_PICTURE, scale)] if "image" in name else np.empty(0, int)
        columns[name] = lists(vectors, ~np.isin(np.arange(count), lacking))
    write_one_group(path, pa.table(columns).take(pa.array(rng.permutation(count))) if scale < 1 else pa.table(columns))


def write_image_urls(path: Path, ids: npt.NDArray, scale: float) -> None:
    urls = [f"https://m.media.example/images/I/{i}._SX,569_.jpg" for i in ids]
    urls[-scaled(WITHOUT_PICTURE, scale) :] = [None] * scaled(WITHOUT_PICTURE, scale)  # type: ignore[list-item]
    write_one_group(path, pa.table({"product_id": ids, "image_url": urls}))


def write_all(folder: Path, scale: float) -> None:
    """The seven files, by their real names."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    judged, ids = slates(rng, scale), product_ids(scaled(PRODUCTS, scale))
    write_examples(folder / "shopping_queries_dataset_examples.parquet", rng, judged, ids, scale)
    write_image_urls(folder / "product_image_urls.parquet", ids, scale)
    write_image_urls(folder / "supp_product_image_urls.parquet", product_ids(200_000)[-27_139:], scale)
    write_product_features(folder / "product_features.parquet", judged, ids, scale)
    write_products(folder / "shopping_queries_dataset_products.parquet", rng, ids, scale)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    args = parser.parse_args()
    write_all(args.folder, args.scale)


if __name__ == "__main__":
    main()
