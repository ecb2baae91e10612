"""Every number once more, slowly, from the files of a bundle and the definitions alone: what the product is held to.

Nothing here is imported from the product, and nothing is clever: a slate is a list, a crossing is a fraction.
Scores are lists of numbers (floats, or whole numbers and fractions, which stay exact), None where a product has none.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Scores = Sequence[Any]


# --- a bundle's files ---


@dataclass(frozen=True)
class Slate:
    """A query and its judged products in tie order: catalogue rows, and each label by its place in the scale."""

    query: str
    rows: list[int]
    labels: list[int]


@dataclass(frozen=True)
class Files:
    """scores: signal -> (Q, longest) as of the slates, None where there is none. vectors: signal -> (products, present,
    queries)."""

    products: list[str]
    slates: list[Slate]
    gains: dict[str, list[float]]
    relevant_from: int
    scores: dict[str, list[list[float | None]]]
    vectors: dict[str, tuple[Any, Any, Any]]
    modality: dict[str, str]


def read(folder: Path) -> Files:
    """The bundle, by its files."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    scale = manifest["label_scale"]
    products = pd.read_parquet(folder / "products.parquet")["product_id"].tolist()
    place = {product: row for row, product in enumerate(products)}
    marks = {word.lower(): i for i, word in enumerate(scale["letters"])}
    marks |= {word.lower(): i for i, word in enumerate(scale["names"])}
    judged = defaultdict(list)
    for query, product, label in pd.read_parquet(folder / "judgements.parquet").itertuples(index=False):
        judged[query].append((place[product], marks[str(label).lower()]))
    slates = []
    for query in pd.read_parquet(folder / "queries.parquet")["query_id"]:
        pairs = sorted(judged[query])
        slates.append(Slate(query, [row for row, _ in pairs], [label for _, label in pairs]))
    scores, vectors, modality = {}, {}, {}
    for name, spec in manifest["signals"].items():
        modality[name], inside = spec["modality"], folder / "signals" / name
        if (inside / "scores.npy").is_file():
            stored = np.load(inside / "scores.npy")
            known = [[_known(value) for value in row[: len(s.rows)]] for s, row in zip(slates, stored, strict=True)]
        else:
            rows, present = np.load(inside / "products.npy"), np.load(inside / "present.npy")
            asked = np.load(folder / "encoders" / spec["encoder"] / "queries.npy")
            vectors[name] = rows, present, asked
            known = [
                [_cosine(rows[row], asked[q]) if present[row] else None for row in slate.rows]
                for q, slate in enumerate(slates)
            ]
        scores[name] = known
    tables = dict(scale["gain_tables"])
    return Files(products, slates, tables, scale["relevant_from"], scores, vectors, modality)


def tie_order(ids: Sequence[str]) -> list[str]:
    """Products as ties are broken: by the first eight bytes of a hash of the id."""
    return sorted(ids, key=lambda one: hashlib.blake2b(one.encode(), digest_size=8).digest())


def _cosine(a: Any, b: Any) -> float:
    return math.fsum((a.astype(np.float64) * b.astype(np.float64)).tolist())


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


# --- fusing ---


def normed(scores: Scores, norm: str) -> list[Any]:
    """Over the products that have a score; all 0 where these are equal."""
    known = [score for score in scores if score is not None]
    if norm == "none" or not known:
        return list(scores)
    if max(known) == min(known):
        return [None if score is None else 0 for score in scores]
    if norm == "min-max":
        return [None if score is None else (score - min(known)) / (max(known) - min(known)) for score in scores]
    # As fractions of the largest, whose squares no float is too small for.
    largest = max(abs(Fraction(score)) for score in known)
    shares = [None if score is None else Fraction(score) / largest for score in scores]
    mean = sum(share for share in shares if share is not None) / len(known)
    deviation = math.sqrt(sum((share - mean) ** 2 for share in shares if share is not None) / len(known))
    return [None if share is None else float(share - mean) / deviation for share in shares]


def ranks(scores: Scores) -> list[int]:
    """1 + how many are better; who has no score stands behind all that have one."""
    known = [score for score in scores if score is not None]
    return [1 + (len(known) if score is None else sum(other > score for other in known)) for score in scores]


def columns(
    text: Scores,
    image: Scores,
    method: str,
    norm: str = "none",
    missing: str = "zero",
    k: Any = 60,
    runs: tuple[bool, bool] = (False, False),
) -> tuple[list[Any], list[Any]]:
    """What the text and the picture bring to a weighted sum. runs: which of the two are rankings of others."""
    if method in ("weighted ranks", "rrf"):
        a, b = ranks(text), ranks(image)
        if missing == "text":
            b = [own if score is not None else other for own, other, score in zip(b, a, image, strict=True)]
        if method == "rrf":
            return [Fraction(1) / (k + rank) for rank in a], [Fraction(1) / (k + rank) for rank in b]
        return [-rank for rank in a], [-rank for rank in b]
    a, b = normed(text, norm), normed(image, norm)
    return _filled(a, b, "worst" if missing == "text" else missing, runs[0]), _filled(b, a, missing, runs[1])


def _filled(column: Scores, other: Scores, missing: str, is_run: bool) -> list[Any]:
    """What a run does not rank stands behind what it ranks, by a hair."""
    known = [value for value in column if value is not None]
    worst = min(known, default=0)
    size = max([abs(value) for value in other if value is not None] + [abs(worst), max(known, default=0) - worst])
    behind = worst - (size or 1) * Fraction(1, 2**40) if known and is_run else math.inf
    stand_in = {
        "zero": lambda _: min(0, behind),
        "worst": lambda _: min(worst, behind),
        "text": lambda i: other[i] or 0,
    }[missing]
    return [stand_in(i) if value is None else value for i, value in enumerate(column)]


def fused(a: Scores, b: Scores, w: Any, last: list[int] | None = None) -> list[Any]:
    """A weighted sum; with `last`, by how many runs each product is not ranked, the maximum, a hair lower for each."""
    mix, behind = (sum, [0] * len(a)) if last is None else (max, last)
    return [mix(((1 - w) * x, w * y)) - n / 2**40 for x, y, n in zip(a, b, behind, strict=True)]


def unranked(text: Scores, image: Scores, missing: str, runs: tuple[bool, bool]) -> list[int]:
    """By how many runs each product is not ranked; what borrows the text's score is not left out."""
    of_text, of_image = runs[0], runs[1] and missing != "text"
    return [(of_text and x is None) + (of_image and y is None) for x, y in zip(text, image, strict=True)]


def averaged(text: Scores, image: Scores, own: Scores, w: float) -> list[float]:
    """The cosine of the query with the average of a product's two vectors; own: the cosine of these two. Who lacks one
    is ranked by the other, who lacks both last."""
    found = []
    for x, y, c in zip(text, image, own, strict=True):
        if x is None or y is None:
            found.append(y if x is None and y is not None else x if x is not None else -1.0)
        else:
            length = math.sqrt((1 - w) ** 2 + w**2 + 2 * w * (1 - w) * c)
            found.append(((1 - w) * x + w * y) / max(length, 1e-6))
    return found


# --- ranking and measuring ---


def order(scores: Scores) -> list[int]:
    """Positions from best to worst: who has no score last, ties by position."""
    return sorted(range(len(scores)), key=lambda i: (scores[i] is None, 0 if scores[i] is None else -scores[i], i))


def dcg(gains: Sequence[float], k: int | None = None) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], start=1))


def ndcg(ranked: Sequence[float], judged: Sequence[float], k: int | None = None) -> float:
    """ranked: the gain at each rank. nan where nothing judged has one."""
    ideal = dcg(sorted(judged, reverse=True), k)
    return dcg(ranked, k) / ideal if ideal > 0 else math.nan


def measured(ranked: Sequence[int], gains: Sequence[float], relevant_from: int, k: int) -> dict[str, float]:
    """Every measure of the labels at each rank of a slate; nan where it is not defined."""
    worth, relevant = [gains[label] for label in ranked], [label <= relevant_from for label in ranked]
    found = [rank for rank, good in enumerate(relevant, start=1) if good]
    if not ranked:
        return dict.fromkeys(("ndcg", f"ndcg@{k}", "rr", f"precision@{k}", f"recall@{k}", "ap"), math.nan)
    return {
        "ndcg": ndcg(worth, worth),
        f"ndcg@{k}": ndcg(worth, worth, k),
        "rr": 1 / found[0] if found else 0.0,
        f"precision@{k}": sum(relevant[:k]) / k,
        f"recall@{k}": sum(relevant[:k]) / len(found) if found else math.nan,
        "ap": math.fsum(i / rank for i, rank in enumerate(found, start=1)) / len(found) if found else math.nan,
    }


def random_ndcg(gains: Sequence[float]) -> float:
    """The mean over all orders: every product is equally likely at every rank."""
    ideal = dcg(sorted(gains, reverse=True))
    if not ideal > 0:
        return math.nan
    return math.fsum(gains) / len(gains) * math.fsum(1 / math.log2(r + 1) for r in range(1, len(gains) + 1)) / ideal


# --- NDCG by weight, in fractions ---


@dataclass(frozen=True)
class Curve:
    """A step function: the value behind each start, up to the next; and exactly at the ends."""

    starts: list[Fraction]
    values: list[float]
    at_zero: float
    at_one: float


def curve(a: Scores, b: Scores, gains: Sequence[float]) -> Curve:
    """One query's NDCG by weight. A float is taken for the fraction that it is."""
    a, b = [Fraction(x) for x in a], [Fraction(x) for x in b]
    whole = math.lcm(*(x.denominator for x in (*a, *b)))
    a, b = [int(x * whole) for x in a], [int(x * whole) for x in b]
    found = {Fraction(0)}
    for i, j in combinations(range(len(a)), 2):
        down, up = a[i] - a[j], b[i] - b[j]
        if gains[i] != gains[j] and ((down > 0 > up) or (down < 0 < up)):
            found.add(Fraction(down, down - up))
    starts = sorted(found)

    def at(w: Fraction) -> float:
        p, q = w.numerator, w.denominator
        ranked = order([(q - p) * x + p * y for x, y in zip(a, b, strict=True)])
        return ndcg([gains[i] for i in ranked], gains)

    middles = [(low + high) / 2 for low, high in zip(starts, [*starts[1:], Fraction(1)], strict=True)]
    return Curve(starts, [at(w) for w in middles], at(Fraction(0)), at(Fraction(1)))


def mean_curve(curves: Sequence[Curve], asked: Sequence[float] | None = None) -> Curve:
    """Of the queries that have an NDCG: at each crossing of any of them all steps are taken together. asked: how often
    each query is, once if None; who is not asked does not count."""
    often = [1.0] * len(curves) if asked is None else asked
    known = [(one, times) for one, times in zip(curves, often, strict=True) if times and not math.isnan(one.at_zero)]
    steps: dict[Fraction, list[float]] = defaultdict(list)
    for one, times in known:
        before = 0.0
        for start, value in zip(one.starts, one.values, strict=True):
            steps[start].append(times * (value - before))
            before = value
    starts, values, total, whole = sorted(steps), [], 0.0, math.fsum(times for _, times in known)
    for start in starts:
        total = math.fsum([total, *steps[start]])
        values.append(total / whole)
    ends = (math.fsum(times * getattr(one, end) for one, times in known) / whole for end in ("at_zero", "at_one"))
    return Curve(starts, values, *ends)


def mean(values: Sequence[float], asked: Sequence[float]) -> float:
    """Of what is defined, each value as often as it is asked for."""
    known = [(value, times) for value, times in zip(values, asked, strict=True) if not math.isnan(value)]
    whole = math.fsum(times for _, times in known)
    return math.fsum(value * times for value, times in known) / whole if whole else math.nan


def best(found: Curve, narrowest: Fraction = Fraction(0), equal: float = 1e-12) -> tuple[float, float, float]:
    """(low, high, value) of the best stretch, the widest of several; stretches narrower than `narrowest` are none."""
    ends = [*found.starts[1:], Fraction(1)]
    pieces: list[list[Any]] = []
    for low, high, value in zip(found.starts, ends, found.values, strict=True):
        if high - low <= narrowest:
            continue
        if pieces and abs(pieces[-1][2] - value) <= equal:
            pieces[-1][1] = high
        else:
            pieces.append([low, high, value])
    top = max(piece[2] for piece in pieces)
    low, high, value = max((p for p in pieces if p[2] >= top - equal), key=lambda p: p[1] - p[0])
    return float(low), float(high), value
