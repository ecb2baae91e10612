"""The queries of the first screen show what they are said to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

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


def test_the_seeds_show_each_of_them(dataset: Dataset) -> None:
    found = {example.shows for seed in range(6) for example in examples(turned(dataset, seed))}
    assert found >= {PICTURES, WORDS, MIX}


def test_a_bundle_that_shows_nothing_opens_its_first_judged_query(dataset: Dataset) -> None:
    text_only = replace(dataset, signals={name: s for name, s in dataset.signals.items() if s.modality == "text"})
    assert examples(text_only) == (Example(str(dataset.judgements.query_ids[0])),)
    unjudged = replace(dataset, judgements=dataset.judgements.take(slice(0)))
    assert examples(unjudged) == ()
