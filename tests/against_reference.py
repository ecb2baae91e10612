"""A bundle's numbers beside those of `reference`, which shares no line with the product."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product as every
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import reference

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.metrics import measures
from sqid_core.evaluation.reports import (
    dataset_curves,
    evaluate,
    evaluate_random,
    fusion_run,
    signal_run,
)
from sqid_core.evaluation.slate_scores import own_cosines
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS

WEIGHTS = (0.0, 0.137, 0.3061, 0.7193, 1.0)
FUSIONS = [
    Fusion(method, norm=norm, missing_image=missing)
    for method, norm, missing in every(METHODS, NORMS, MISSING_IMAGE)
    if norm in METHODS[method].norms and (METHODS[method].reads_norm or norm == "none")
    if not METHODS[method].needs_one_space
]
# Whose columns are fractions of the scores.
FRACTIONAL = [
    fusion
    for fusion in FUSIONS
    if fusion.rule.linear and fusion.norm != "z-score" and (fusion.rule.reads_norm or fusion.missing_image == "text")
]
# A longer slate has too many crossings for fractions.
_LONGEST = 60
# Another order of adding, in float32.
_COSINE = 1e-5


def opened(folder: Path) -> tuple[Dataset, reference.Files]:
    """The bundle twice. Scores from vectors agree as far as float32 goes; what follows is from the product's."""
    dataset, files = load_bundle(folder), reference.read(folder)
    assert files.products == reference.tie_order(files.products) == dataset.products["product_id"].tolist()
    scores = dict(files.scores)
    for name in files.vectors:
        found = dataset.signals[name].slate_scores(dataset.judgements)
        known = [_listed(row[: len(slate.rows)]) for row, slate in zip(found, files.slates, strict=True)]
        for ours, theirs in zip(scores[name], known, strict=True):
            assert theirs == pytest.approx(ours, abs=_COSINE)
        scores[name] = known
    return dataset, replace(files, scores=scores)


def check_signals(folder: Path) -> None:
    """Every measure of every signal on every query, under every gain table, and a random order's."""
    dataset, files = opened(folder)
    for (table, gains), name in every(files.gains.items(), dataset.signals):
        report = evaluate(dataset, signal_run(dataset, name), table, measures(10)).per_query
        wanted = [
            reference.measured([slate.labels[i] for i in reference.order(scores)], gains, files.relevant_from, 10)
            for slate, scores in zip(files.slates, files.scores[name], strict=True)
        ]
        for measure in report:
            _same(report[measure].to_numpy(), [one[str(measure)] for one in wanted], (table, name, measure))
        random = [reference.random_ndcg([gains[label] for label in slate.labels]) for slate in files.slates]
        _same(evaluate_random(dataset, table).per_query["ndcg"].to_numpy(), random)


def check_fusions(folder: Path, fusions: list[Fusion] = FUSIONS) -> None:
    """NDCG of every query at several weights, by the bundle's own gains."""
    dataset, files = opened(folder)
    both = list(zip(_of(files, "text"), _of(files, "image"), strict=True))
    for fusion in fusions:
        runs = _runs(dataset)
        columns = [_floats(*reference.columns(*each, *_settings(fusion), fusion.rrf_k, runs)) for each in both]
        behind = [reference.unranked(*each, fusion.missing_image, runs) for each in both]
        for w in WEIGHTS:
            of_max = fusion.rule.combiner == "max"
            scores = [
                reference.fused(a, b, w, last if of_max else None) for (a, b), last in zip(columns, behind, strict=True)
            ]
            _same_fusion(dataset, files, replace(fusion, image_weight=w), scores)


def check_average(folder: Path) -> None:
    """The embedding average, of a bundle of one encoder."""
    dataset, files = opened(folder)
    own = own_cosines(dataset.judgements, *dataset.both_signals)
    slates = list(zip(_of(files, "text"), _of(files, "image"), own, strict=True))
    for w in WEIGHTS:
        scores = [reference.averaged(text, image, cosines[: len(text)], w) for text, image, cosines in slates]
        _same_fusion(dataset, files, Fusion("embedding average", w), scores)


def check_curves(folder: Path, fusion: Fusion) -> None:
    """Every query's curve and their mean beside those of fractions, with the best interval."""
    dataset, files = opened(folder)
    gains = _gains(files)
    text, image = ([_fractions(scores) for scores in _of(files, modality)] for modality in ("text", "image"))
    short, wanted = [query for query, slate in enumerate(files.slates) if len(slate.rows) <= _LONGEST], []
    for query in short:
        a, b = reference.columns(text[query], image[query], *_settings(fusion), Fraction(fusion.rrf_k), _runs(dataset))
        wanted.append(reference.curve(a, b, [gains[label] for label in files.slates[query].labels]))
    curves = dataset_curves(dataset, fusion)
    _same(curves.at_zero[short], [one.at_zero for one in wanted])
    _same(curves.at_one[short], [one.at_one for one in wanted])
    for query, one in zip(short, wanted, strict=True):
        check_curve(curves.curve(query), one)
    if not any(curves.defined[short]):
        return
    check_curve(curves.mean(short), reference.mean_curve(wanted))
    asked = np.random.default_rng(len(wanted)).integers(0, 6, len(dataset.queries)).astype(float) ** 3
    asked[np.flatnonzero(curves.defined)] += 1.0
    weighted = replace(curves, traffic=asked).mean(short)
    check_curve(weighted, reference.mean_curve(wanted, asked[short].tolist()))


def check_curve(found: WeightCurve, wanted: reference.Curve) -> None:
    """One curve, wherever it is not within a hair of a crossing."""
    if not found.n:
        assert all(map(np.isnan, wanted.values))
        return
    low, high, value = reference.best(wanted, Fraction(2, 10**9))
    best = found.best
    assert (best.low, best.high) == pytest.approx((low, high), abs=1e-8)
    assert best.value == pytest.approx(value, abs=1e-9)
    ends = np.array([float(start) for start in wanted.starts] + [1.0])
    wide = np.diff(ends) > 1e-7
    _same(found.at(((ends[1:] + ends[:-1]) / 2)[wide]), np.array(wanted.values)[wide])


def _same_fusion(dataset: Dataset, files: reference.Files, fusion: Fusion, scores: list[list[float]]) -> None:
    gains, wanted = _gains(files), []
    for slate, of_slate in zip(files.slates, scores, strict=True):
        worth = [gains[slate.labels[i]] for i in reference.order(of_slate)]
        wanted.append(reference.ndcg(worth, worth))
    run = fusion_run(dataset, fusion)
    _same(evaluate(dataset, run, measures=["ndcg"]).per_query["ndcg"].to_numpy(), wanted, fusion)


def _of(files: reference.Files, modality: str) -> list[reference.Scores]:
    return list(files.scores[next(name for name, kind in files.modality.items() if kind == modality)])


def _gains(files: reference.Files) -> list[float]:
    return next(iter(files.gains.values()))


def _runs(dataset: Dataset) -> tuple[bool, bool]:
    text, image = (isinstance(signal, ScoredSignal) for signal in dataset.both_signals)
    return text, image


def _settings(fusion: Fusion) -> tuple[str, str, str]:
    return fusion.method, fusion.norm, fusion.missing_image


def _floats(*columns: reference.Scores) -> list[list[float]]:
    return [[float(value) for value in column] for column in columns]


def _fractions(scores: reference.Scores) -> reference.Scores:
    return [None if value is None else Fraction(value) for value in scores]


def _listed(row: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in row]


def _same(found: npt.NDArray[np.float64], wanted: Any, what: object = "") -> None:
    np.testing.assert_allclose(found, wanted, atol=1e-9, rtol=0, err_msg=str(what))
