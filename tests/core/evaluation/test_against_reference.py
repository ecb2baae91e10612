"""The product's numbers are those of `reference`: over bundles of everything that goes wrong. The demo's are held to it
in tests/steps/demo, those of a real slice of ESCI in tests/golden."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import reference
from against_reference import FRACTIONAL, check_average, check_curve, check_curves, check_fusions, check_signals
from hard_bundles import HARD, build_hard

from sqid_core.evaluation.curves import weight_curves
from sqid_core.ranking.fusion import Fusion, columns


@pytest.fixture(scope="module", params=HARD)
def hard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_hard(request.param, tmp_path_factory.mktemp("hard") / "bundle")


def test_signals_by_every_measure(hard: Path) -> None:
    check_signals(hard)


def test_fusions_at_any_weight(hard: Path) -> None:
    check_fusions(hard)


@pytest.mark.parametrize("fusion", FRACTIONAL, ids=lambda f: f"{f.method}, {f.norm}, {f.missing_image}")
def test_curves_are_those_of_fractions(hard: Path, fusion: Fusion) -> None:
    check_curves(hard, fusion)


def test_vectors_of_one_encoder(tiny_bundle: Path) -> None:
    check_signals(tiny_bundle)
    check_fusions(tiny_bundle)
    check_average(tiny_bundle)


@pytest.mark.parametrize("most", [4, 20, 100, 1000])
def test_the_best_interval_of_many_queries_of_whole_scores_is_no_rounding_error(most: int) -> None:
    """Crossings that are one fraction on paper meet in one point, in every query and in their mean."""
    rng = np.random.default_rng(most)
    text, image = rng.integers(0, most + 1, (2, 150, 9)).astype(float)
    gains = np.array([1.0, 0.1, 0.01, 0.0])[rng.integers(0, 4, (150, 9))]
    fusion = Fusion(norm="min-max")
    curves = weight_curves(columns(fusion, text, image), gains, fusion)
    wanted = []
    for one in range(150):
        a, b = reference.columns(
            *([Fraction(int(x)) for x in row[one]] for row in (text, image)), "weighted scores", "min-max"
        )
        wanted.append(reference.curve(a, b, gains[one].tolist()))
    mean, exact = curves.mean(), reference.mean_curve(wanted)
    check_curve(mean, exact)
    low, high, value = reference.best(exact)
    assert (mean.best.low, mean.best.high, mean.best.value) == pytest.approx((low, high, value), abs=1e-12)
    assert len(mean.starts) == len(exact.starts)
