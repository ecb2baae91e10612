"""The queries of the first screen show what they are said to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sqid_core.analysis import opening
from sqid_core.analysis.opening import MIX, NEITHER, PICTURES, WORDS, Example, examples
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import evaluate, evaluate_random, fusion_run
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def turned(dataset: Dataset, seed: int) -> Dataset:
    """The same with vectors of chance, so that other queries show other things."""
    rng = np.random.default_rng(seed)

    def drawn(vectors: Floats) -> Floats:
        noisy = np.array(vectors) + rng.standard_normal(vectors.shape) * rng.choice([0.05, 0.3])
        return noisy / np.linalg.norm(noisy, axis=1, keepdims=True)

    signals = {name: replace(signal, products=drawn(signal.products)) for name, signal in dataset.signals.items()}
    return replace(dataset, signals=signals)


@pytest.mark.parametrize("seed", range(6))
def test_every_example_shows_what_it_is_picked_for(dataset: Dataset, seed: int) -> None:
    drawn = turned(dataset, seed)
    at = {w: evaluate(drawn, fusion_run(drawn, Fusion(image_weight=w))).values("ndcg") for w in (0, 0.4, 0.5, 0.6, 1)}
    random = evaluate_random(drawn).values("ndcg")
    found = examples(drawn)
    assert len({example.shows for example in found}) == len(found)
    for example in found:
        row = drawn.judgements.row_of(example.query_id)
        text, image, middle = at[0][row], at[1][row], [at[w][row] for w in (0.4, 0.5, 0.6)]
        reached = (max(text, image, *middle) - random[row]) / (1 - random[row])
        holds = {
            PICTURES: image > text + 0.1,
            WORDS: text > image + 0.1,
            MIX: min(middle) > max(text, image),
            NEITHER: reached < 0.25,
        }
        assert holds[example.shows], example


def shown_slowly(dataset: Dataset, most: int = 10) -> list[tuple[str, str]]:
    """One name after the other: of the ten that show it most, and no other name yet, the one of the fewest letters."""
    at = {
        w: evaluate(dataset, fusion_run(dataset, Fusion(image_weight=w))).values("ndcg") for w in (0, 0.4, 0.5, 0.6, 1)
    }
    random, lengths = evaluate_random(dataset).values("ndcg"), dataset.judgements.lengths
    text, image, middle = at[0], at[1], [at[w] for w in (0.4, 0.5, 0.6)]
    strengths: dict[str, dict[int, float]] = {name: {} for name in (PICTURES, WORDS, MIX, NEITHER)}
    for row in np.flatnonzero((lengths >= min(8, lengths.max())) & ~np.isnan(random)).tolist():
        t, i, mixed = float(text[row]), float(image[row]), [float(each[row]) for each in middle]
        if i - t > 0.1:
            strengths[PICTURES][row] = i - t
        if t - i > 0.1:
            strengths[WORDS][row] = t - i
        if min(mixed) > max(t, i):
            strengths[MIX][row] = min(mixed) - max(t, i)
        if random[row] < 1 - 1e-9 and (reached := (max(t, i, *mixed) - random[row]) / (1 - random[row])) < 0.25:
            strengths[NEITHER][row] = -float(reached)
    found: dict[int, str] = {}
    for name, rows in strengths.items():
        left = sorted((row for row in rows if row not in found), key=lambda row: (-rows[row], row))[:most]
        if left:
            found[min(left, key=lambda row: len(dataset.queries["query"].iloc[row]))] = name
    return [(str(dataset.judgements.query_ids[row]), name) for row, name in found.items()]


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_shortest_of_those_that_show_it_most(
    dataset: Dataset, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = turned(dataset, seed)
    for most in (10, 2):
        monkeypatch.setattr(opening, "_SHOW_MOST", most)
        wanted = shown_slowly(drawn, most) or [("00", "")]
        assert [(each.query_id, each.shows) for each in examples(drawn)] == wanted


def test_a_slate_of_few_products_opens_nothing_beside_longer_ones(dataset: Dataset) -> None:
    """Cut to seven and to eight products; where all are short, short ones do."""
    old = dataset.judgements
    for keep, others in ((7, 18), (8, 18), (5, 5), (1, 1)):
        kept = np.arange(old.rows.shape[1]) < np.where(np.arange(8)[:, None] % 2, keep, others)
        cut = replace(old, rows=np.where(kept, old.rows, -1), labels=np.where(kept, old.labels, -1))
        for seed in range(3):
            drawn = turned(replace(dataset, judgements=cut), seed)
            wanted = shown_slowly(drawn) or [("00", "")]
            assert [(each.query_id, each.shows) for each in examples(drawn)] == wanted


def test_the_seeds_show_each_of_them(dataset: Dataset) -> None:
    found = {example.shows for seed in range(6) for example in examples(turned(dataset, seed))}
    assert found >= {PICTURES, WORDS, MIX}


def test_a_bundle_that_shows_nothing_opens_its_first_judged_query(dataset: Dataset) -> None:
    text_only = replace(dataset, signals={name: s for name, s in dataset.signals.items() if s.modality == "text"})
    assert examples(text_only) == (Example(str(dataset.judgements.query_ids[0])),)
    old, judged = dataset.judgements, np.arange(8)[:, None] > 2
    later = replace(old, rows=np.where(judged, old.rows, -1), labels=np.where(judged, old.labels, -1))
    assert examples(replace(text_only, judgements=later)) == (Example("03"),)
    one = np.arange(old.rows.shape[1]) < 1
    single = replace(later, rows=np.where(one, later.rows, -1), labels=np.where(one, later.labels, -1))
    assert examples(replace(text_only, judgements=single)) == (Example("03"),)
    unjudged = replace(dataset, judgements=dataset.judgements.take(slice(0)))
    assert examples(unjudged) == ()
