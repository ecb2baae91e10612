"""The model of slates is what its lines say, computed slate by slate and product by product."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sqid_core.analysis.slate_model import slate_model

LABELS = 3
Grid = list[list[float]]


def slates(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Twenty slates of one product to seven: some of one label, one without pictures, one in ten pictures missing."""
    rng = np.random.default_rng(seed)
    mask = np.arange(7) < np.append([1, 1, 2], rng.integers(2, 8, 17))[:, None]
    labels = rng.integers(LABELS, size=mask.shape)
    labels[4] = 2
    strength = np.exp(rng.normal(0, 0.5, (20, 1)))
    text, image = (
        rng.normal(size=(20, 1)) + strength * np.array([0.8, 0.3, 0.0])[labels] + 0.3 * rng.normal(size=mask.shape)
        for _ in range(2)
    )
    image[rng.random(mask.shape) < 0.1] = np.nan
    image[6] = np.nan
    both = np.where(mask, text, np.nan), np.where(mask, image, np.nan)
    return both, np.where(mask, labels, -1), mask


def places(scores: np.ndarray, labels: np.ndarray) -> list[list[tuple[int, float, int]]]:
    """Of each slate (place, score, label) of what has a score."""
    return [
        [(c, float(x), int(label)) for c, (x, label) in enumerate(zip(row, own, strict=True)) if not np.isnan(x)]
        for row, own in zip(scores, labels, strict=True)
    ]


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def slow_fit(scores: np.ndarray, labels: np.ndarray, strength: list[float], shares: list[float]) -> dict:
    slates, effects = places(scores, labels), [0.0] * LABELS

    def levels() -> list[float]:
        return [mean([x - s * effects[k] for _, x, k in own]) for own, s in zip(slates, strength, strict=True)]

    for _ in range(12):
        level = levels()
        for label in range(LABELS):
            pairs = [
                (s, x - v) for own, s, v in zip(slates, strength, level, strict=True) for _, x, k in own if k == label
            ]
            effects[label] = sum(s * x for s, x in pairs) / max(sum(s * s for s, _ in pairs), 1e-12)
        middle = sum(e * share for e, share in zip(effects, shares, strict=True))
        effects = [each - middle for each in effects]
    level = levels()
    residuals = [
        {c: (x - v - s * effects[k]) * (len(own) / max(len(own) - 1, 1)) ** 0.5 for c, x, k in own}
        for own, s, v in zip(slates, strength, level, strict=True)
    ]
    squares = [mean([each**2 for each in own.values()]) for own in residuals]
    variance = mean([each**2 for own in residuals for each in own.values()])
    return {"level": level, "effects": effects, "residuals": residuals, "squares": squares, "variance": variance}


def slow_strengths(signals: tuple, fits: list[dict], labels: np.ndarray) -> tuple[list[float], list[float]]:
    count = len(labels)
    told, information, noise = ([0.0] * count for _ in range(3))
    pulls: dict[tuple[int, int], float] = {}
    for scores, fit in zip(signals, fits, strict=True):
        if fit["variance"] <= 1e-12:
            continue
        for q, own in enumerate(places(scores, labels)):
            middle, level = mean([fit["effects"][k] for _, _, k in own]), mean([x for _, x, _ in own])
            noise[q] += fit["squares"][q] / fit["variance"] / len(signals)
            for c, x, k in own:
                effect = fit["effects"][k] - middle
                told[q] += effect * (x - level) / fit["variance"]
                information[q] += effect**2 / fit["variance"]
                pulls[q, c] = pulls.get((q, c), 0.0) + effect * fit["residuals"][q][c] / fit["variance"]
    noise = [each if each > 0 else 1.0 for each in noise]
    tells = [each > 1e-9 for each in information]
    found = [t / i if tell else 1.0 for t, i, tell in zip(told, information, tells, strict=True)]
    whole = sum(n * i for n, i in zip(noise, information, strict=True))
    agree = sum(each**2 for each in pulls.values()) / max(whole, 1e-12)
    error = [agree * n / i if tell else np.inf for n, i, tell in zip(noise, information, tells, strict=True)]
    weights = [i / (n + i) for n, i in zip(noise, information, strict=True)]
    if not sum(weights) > 0:
        return [1.0] * count, [1.0] * count
    beyond = [(f - 1) ** 2 - e if tell else 0.0 for f, e, tell in zip(found, error, tells, strict=True)]
    varies = max(0.0, sum(w * b for w, b in zip(weights, beyond, strict=True)) / sum(weights))
    kept = [varies / (varies + e) for e in error]
    guess = [max(1 + (f - 1) * k, 0.02) for f, k in zip(found, kept, strict=True)]
    middle = sum(g * w for g, w in zip(guess, weights, strict=True)) / sum(weights)
    return [g / middle for g in guess], [max(1 + (f - 1) * k**0.5, 0.0) for f, k in zip(found, kept, strict=True)]


@pytest.mark.parametrize(("seed", "flat"), list(product(range(2), ("", "image", "both"))))
def test_the_model_is_what_its_lines_say(seed: int, flat: str) -> None:
    """flat: signals that say nothing, a constant."""
    (text, image), labels, mask = slates(seed)
    text = np.where(mask, 0.25, np.nan) if flat == "both" else text
    image = np.where(np.isnan(image), np.nan, 0.5) if flat else image
    found = slate_model((text, image), labels, mask)
    shares = [float((labels[mask] == label).mean()) for label in range(LABELS)]
    guess = varied = [1.0] * len(mask)
    for _ in range(4):
        fits = [slow_fit(each, labels, guess, shares) for each in (text, image)]
        guess, varied = slow_strengths((text, image), fits, labels)
    fits = [slow_fit(each, labels, guess, shares) for each in (text, image)]
    np.testing.assert_allclose(found.strength[:, 0], varied, atol=1e-9)
    squares = [mean([fit["squares"][q] / max(fit["variance"], 1e-12) for fit in fits]) for q in range(len(mask))]
    spread = [each**0.5 if each > 1e-12 else 1.0 for each in squares]
    np.testing.assert_allclose(found.spread[:, 0], spread, atol=1e-9)
    for part, fit, scores in zip(found.parts, fits, (text, image), strict=True):
        np.testing.assert_allclose(part.level[:, 0], fit["level"], atol=1e-9)
        np.testing.assert_allclose(part.effects, fit["effects"], atol=1e-9)
        np.testing.assert_array_equal(np.isnan(part.residual), np.isnan(scores))
        for q, own in enumerate(fit["residuals"]):
            np.testing.assert_allclose(part.residual[q, list(own)], [x / spread[q] for x in own.values()], atol=1e-9)
        expected = part.level + found.strength * np.append(part.effects, np.nan)[labels]
        np.testing.assert_allclose(found.expected(part, labels)[mask], expected[mask], atol=1e-12)


def test_nothing_is_a_model_too() -> None:
    nothing, mask = np.full((2, 3), np.nan), np.zeros((2, 3), bool)
    found = slate_model((nothing, nothing), np.full((2, 3), -1), mask)
    assert found.strength.tolist() == found.spread.tolist() == [[1.0], [1.0]]
    assert found.parts[0].level.tolist() == [[0.0], [0.0]]
    assert found.parts[0].effects.tolist() == [0.0]
