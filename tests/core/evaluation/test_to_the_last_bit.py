"""The fast ways against plain loops: not nearly the same numbers, but the same."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.evaluation.crossings import MERGED, MERGED_WHOLE, in_whole_numbers
from sqid_core.evaluation.curves import weight_curves
from sqid_core.evaluation.metrics import discounts
from sqid_core.evaluation.reports import columns_run, evaluate
from sqid_core.ranking.fusion import Columns, Fusion, columns


def in_order(gains: np.ndarray, scores: np.ndarray) -> list[float]:
    return [gains[place] for place in sorted(range(len(scores)), key=lambda place: -scores[place])]


def test_a_run_is_scored_as_by_a_plain_loop() -> None:
    """1,100 slates in two groups, which BLAS adds up at once as it does ours; many ties."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 31, 1100)
    mask = np.arange(30) < lengths[:, None]
    labels = np.where(mask, rng.integers(0, 4, mask.shape), -1).astype(np.int8)
    ids = np.array([str(i) for i in range(1100)], dtype=object)
    judgements = Judgements(ids, np.where(mask, np.arange(30, dtype=np.int32), -1), labels)
    scores, gains = rng.random(mask.shape).round(2), judgements.gains(ESCI.gains())
    found = evaluate(judgements, columns_run("text", Columns(scores, scores, mask), Fusion()), measures=("ndcg",))
    expected = np.full(1100, np.nan)
    for queries, width in judgements.groups:
        ranked, best = np.zeros((2, len(queries), width))
        for row, query in enumerate(queries):
            slate = slice(lengths[query])
            ranked[row, slate] = in_order(gains[query, slate], scores[query, slate])
            best[row, slate] = sorted(gains[query, slate], reverse=True)
        dcg, ideal = ranked @ discounts(width), best @ discounts(width)
        expected[queries[ideal > 0]] = dcg[ideal > 0] / ideal[ideal > 0]
    np.testing.assert_array_equal(found.values("ndcg"), expected)
    assert found.means["ndcg"] == pd.Series(expected).mean()


@pytest.mark.parametrize("fusion", [Fusion(), Fusion(norm="min-max"), Fusion("weighted ranks"), Fusion("rrf")], ids=str)
def test_a_curve_is_that_of_a_plain_loop(fusion: Fusion) -> None:
    """Slates of one length: crossings pair by pair, then a stable sort in the middle of each interval."""
    rng = np.random.default_rng(7)
    text, image = rng.random((2, 40, 9)).round(1 if fusion.norm == "min-max" else 16)
    gains = rng.choice([1.0, 0.1, 0.0], size=(40, 9))
    gains[3] = 0.0
    prepared = columns(fusion, text, image)
    curves = weight_curves(prepared, gains, fusion)
    lines, whole = in_whole_numbers(prepared)
    defined, starts, ranked = np.flatnonzero(curves.defined), [], []
    for row in defined:
        a, b = lines.a[row], lines.b[row]
        pairs = [(i, j) for i, j in combinations(range(9), 2) if gains[row, i] != gains[row, j]]
        steps = [(a[i] - a[j], b[i] - b[j]) for i, j in pairs]
        weights = sorted(of_a / (of_a - of_b) for of_a, of_b in steps if min(of_a, of_b) < 0 < max(of_a, of_b))
        edges = [0.0, *(w for w in weights if MERGED < w < 1 - MERGED), 1.0]
        near = MERGED_WHOLE if whole[row] else MERGED
        edges = [low for low, high in zip(edges, [*edges[1:], 2.0], strict=True) if high - low > near]
        for low, high in pairwise(edges):
            w = (low + high) / 2
            ranked.append(in_order(gains[row], (1 - w) * prepared.a[row] + w * prepared.b[row]))
        starts.append(edges[:-1])
    assert [curves.curve(row).starts.tolist() for row in defined] == starts
    ideal = -np.sort(-gains[defined], axis=1) @ discounts(9)
    expected = (np.array(ranked) @ discounts(9)) / np.repeat(ideal, [len(each) for each in starts])
    np.testing.assert_array_equal(curves.values[~np.isnan(curves.values)], expected)
