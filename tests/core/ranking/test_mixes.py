"""Mixes of signals: named, normed and filled a signal at a time, and of one no different from the signal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fixtures import text_vector

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import DenseSignal, ScoredSignal
from sqid_core.errors import InputError
from sqid_core.evaluation.curves import weight_curves
from sqid_core.evaluation.reports import dataset_curves, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec, read_run, write_run
from sqid_core.evaluation.slate_scores import slate_scores
from sqid_core.ranking.candidates import catalogue_candidates, prepare_slate
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.mixes import FILLS, Mix, MixedSignal, preferring, read_mix, signal_named
from sqid_core.ranking.norms import NORMS

MIX = "words_text:0.7+other:0.3"


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    """The tiny bundle with a second text signal that lacks some products, and a run."""
    found = load_bundle(tiny_bundle)
    random, text = np.random.default_rng(0), found.signals["words_text"]
    assert isinstance(text, DenseSignal)
    present = random.random(len(found.products)) < 0.8
    vectors = random.normal(size=text.products.shape) * present[:, None]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    other = replace(text, name="other", products=vectors.astype(np.float32), present=present)
    scores = np.where(found.judgements.mask & (random.random(found.judgements.mask.shape) < 0.7), 5.0, np.nan)
    scores *= random.random(scores.shape)
    return replace(found, signals={**found.signals, "other": other, "run": ScoredSignal("run", "text", scores)})


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("missing", MISSING_IMAGE)
@pytest.mark.parametrize("modality", ["text", "image"])
def test_a_mix_of_one_is_the_signal_to_the_last_bit(dataset: Dataset, norm: str, missing: str, modality: str) -> None:
    for method, rule in METHODS.items():
        if not rule.takes_mixes or norm not in rule.norms or (norm != "none" and not rule.reads_norm):
            continue
        fusion = Fusion(method, 0.37, norm, missing)
        mix = {modality: f"words_{modality}:1" + ("" if norm == "z-score" else f"@{norm}")}
        plain, mixed = run_of(dataset, fusion), run_of(dataset, RunSpec(fusion=fusion, **mix))
        np.testing.assert_array_equal(plain.order, mixed.order)
        signals = {"text": "words_text", "image": "words_image"} | mix
        chosen = preferring(dataset, *signals.values())
        curves = dataset_curves(dataset, fusion), dataset_curves(chosen, fusion)
        for name in ("starts", "values", "at_zero", "at_one"):
            np.testing.assert_array_equal(*(getattr(each, name) for each in curves))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("fill", FILLS)
def test_each_signal_is_normed_and_filled_by_itself(dataset: Dataset, norm: str, fill: str) -> None:
    signal = signal_named(dataset, str(Mix((("words_text", 2.0), ("other", 1.0)), norm, fill)))
    found = signal.slate_scores(dataset.judgements)
    for query in range(len(dataset.queries)):
        of = dataset.judgements.mask[query]
        total = np.zeros(of.sum())
        for name, weight in (("words_text", 2 / 3), ("other", 1 / 3)):
            raw = dataset.signals[name].query_scores(dataset.judgements, query)
            there = raw[~np.isnan(raw)]
            if norm == "z-score":
                raw = (raw - there.mean()) / there.std()
            elif norm == "min-max":
                raw = (raw - there.min()) / (there.max() - there.min())
            total += weight * np.where(np.isnan(raw), np.nanmin(raw) if fill == "worst" else 0.0, raw)
        np.testing.assert_allclose(found[query, of], total, atol=1e-12)
        np.testing.assert_array_equal(signal.query_scores(dataset.judgements, query), found[query, of])
    assert np.isnan(found[~dataset.judgements.mask]).all()


def test_no_fusion_puts_a_mix_on_another_scale(dataset: Dataset) -> None:
    fusion = Fusion(norm="min-max", image_weight=0.0)
    mixed = slate_scores(dataset.judgements, signal_named(dataset, MIX), dataset.signals["words_image"])
    columns = mixed.columns(fusion, dataset.judgements.mask)
    known = dataset.judgements.mask & ~np.isnan(mixed.both[0])
    np.testing.assert_array_equal(columns.a[known], mixed.both[0][known])


def test_the_curve_of_a_mix_is_exact(dataset: Dataset) -> None:
    fusion = Fusion(norm="z-score")
    spec = RunSpec(fusion=fusion, text=MIX)
    chosen = preferring(dataset, MIX)
    curve = dataset_curves(chosen, fusion).mean()
    for weight in (0.123, 0.456, 0.789):
        at = replace(spec, fusion=replace(fusion, image_weight=weight))
        assert evaluate(dataset, run_of(dataset, at)).means["ndcg"] == pytest.approx(float(curve.at(weight)), abs=1e-12)
    columns = slate_scores(chosen.judgements, *chosen.both_signals).columns(fusion, chosen.judgements.mask)
    assert weight_curves(columns, chosen.judgements.gains(chosen.scale.gains()), fusion).exact


def test_the_board_gets_what_the_evaluation_ranks(dataset: Dataset) -> None:
    fusion = Fusion(norm="z-score", image_weight=0.3)
    chosen, run = preferring(dataset, MIX), run_of(dataset, RunSpec(fusion=fusion, text=MIX))
    for query in range(len(dataset.queries)):
        columns = prepare_slate(chosen, query, fusion).candidates.columns
        assert columns is not None
        order = np.argsort(-(0.7 * columns.a + 0.3 * columns.b), kind="stable")
        np.testing.assert_array_equal(order, run.order[query][: len(order)])


def test_a_mix_searches_the_catalogue(dataset: Dataset) -> None:
    vectors = {"words": text_vector("red mug")}
    chosen = preferring(dataset, MIX)
    found = catalogue_candidates(chosen, vectors, Fusion(norm="z-score"), text="red mug")
    assert found.columns is not None
    assert chosen.search_signal("text") is chosen.signals[MIX]
    assert chosen.search_encoders == ("words",)
    with_run = preferring(dataset, "run:0.5+words_text:0.5")
    assert with_run.search_signal("text") is dataset.signals["words_text"], "a run of judged products cannot search"


def test_what_a_run_does_not_rank_stands_behind_in_a_mix(dataset: Dataset) -> None:
    signal = signal_named(dataset, "run:1")
    found, raw = signal.slate_scores(dataset.judgements), dataset.signals["run"].slate_scores(dataset.judgements)
    mask = dataset.judgements.mask
    for query in range(len(mask)):
        ranked = ~np.isnan(raw[query]) & mask[query]
        rest = mask[query] & ~ranked
        assert not ranked.any() or not rest.any() or found[query, rest].max() < found[query, ranked].min()


def test_mixes_are_written_one_way(dataset: Dataset) -> None:
    for text in (MIX, f"{MIX}@min-max", f"{MIX}@min-max@worst", f"{MIX}@worst"):
        assert str(read_mix(text)) == text
        spec = RunSpec(fusion=Fusion(norm="z-score"), text=text)
        assert read_run(write_run(spec), dataset) == spec
    alone = RunSpec(signal=MIX)
    assert read_run(write_run(alone), dataset) == alone
    assert evaluate(dataset, run_of(dataset, alone)).means["ndcg"] > 0
    assert isinstance(signal_named(dataset, MIX), MixedSignal)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "no signal 'nothing'"),
        ("words_text:0.5+nothing:0.5", "no signal 'nothing' to mix"),
        ("words_text:0.5+words_image:0.5", "of one modality"),
        ("words_text:0.5+words_text:0.5", "names each signal once"),
        ("words_text:-1+other:2", "numbers above 0"),
        ("words_text:nan+other:2", "numbers above 0"),
        ("words_text:many", "is no weight"),
        ("words_text:1@median", "unknown norm"),
        ("words_text:1+", "no signal and its weight"),
        (":", "no signal and its weight"),
    ],
)
def test_a_wrong_mix_is_one_sentence(dataset: Dataset, name: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        signal_named(dataset, name)
    assert "\n" not in str(caught.value)


def test_methods_that_compare_take_single_signals(dataset: Dataset) -> None:
    for fusion in (Fusion("max", norm="z-score"), Fusion("embedding average")):
        with pytest.raises(InputError, match=r"one encoder|no mix"):
            run_of(dataset, RunSpec(fusion=fusion, text=MIX))
    with pytest.raises(InputError, match="no mix of image signals"):
        run_of(dataset, RunSpec(fusion=Fusion(), image=MIX))
