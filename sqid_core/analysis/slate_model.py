"""Scores taken apart: the level of a slate, what its label adds, how strongly labels tell in that slate, and the rest.

score = level + strength * (effect of the label) + residual. Levels and effects are a signal's own; the strength, 1 in
the mean, is one for both signals: how easy a query is, which asks for no other weight. Few products tell of it, so that
it is drawn towards 1: once to the best guess, which residuals are taken from, and once to be as variable as strengths.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..types import Bools, Floats, Labels

# Levels and effects are fitted in turn, and with them the strengths; they hardly move after so many turns.
_TURNS, _ROUNDS = 12, 4
_NOTHING = 1e-12
# No query is so hard that labels tell less than this share of what they tell elsewhere.
_LEAST = 0.02


@dataclass(frozen=True, eq=False)
class SignalPart:
    """A signal's share of the model. level: (Q, 1). effects: (L,), 0 in the mean. residual: (Q, C), as variable as
    scores about their true level, nan where absent; in units of the slate's spread."""

    level: Floats = field(repr=False)
    effects: Floats = field(repr=False)
    residual: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class SlateModel:
    """parts: of each signal. strength: (Q, 1), as variable as strengths are. spread: (Q, 1) of both signals' residuals
    together, 1 in the mean."""

    parts: tuple[SignalPart, ...]
    strength: Floats = field(repr=False)
    spread: Floats = field(repr=False)

    def expected(self, part: SignalPart, labels: Labels) -> Floats:
        """(Q, C) the scores without their residuals."""
        return np.asarray(part.level + self.strength * part.effects[np.maximum(labels, 0)])


def slate_model(signals: tuple[Floats, ...], labels: Labels, mask: Bools) -> SlateModel:
    """The fit to the scores (Q, C) of some signals, nan where absent. labels, mask: (Q, C)."""
    codes = np.maximum(labels, 0)
    shares = np.bincount(codes[mask], minlength=1) / max(int(mask.sum()), 1)
    guess = varied = np.ones((len(mask), 1))
    for _ in range(_ROUNDS):
        fits = [_fit(each, codes, mask, guess, shares) for each in signals]
        guess, varied = _strengths(signals, fits, codes, mask)
    fits = [_fit(each, codes, mask, guess, shares) for each in signals]
    squares = np.mean([each.squares / max(each.variance, _NOTHING) for each in fits], axis=0)
    spread = np.where(squares > _NOTHING, np.sqrt(np.maximum(squares, _NOTHING)), 1.0)
    parts = tuple(SignalPart(each.level, each.effects, each.residual / spread) for each in fits)
    return SlateModel(parts, varied, spread)


@dataclass(frozen=True, eq=False)
class _Fit:
    """Of one signal. squares: (Q, 1) mean square of the residuals. variance: of all of them."""

    level: Floats
    effects: Floats
    residual: Floats
    squares: Floats
    variance: float


def _slate_means(values: Floats, known: Bools) -> Floats:
    counts = np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1, keepdims=True) / counts)


def _fit(scores: Floats, codes: Labels, mask: Bools, strength: Floats, shares: Floats) -> _Fit:
    """Levels and effects of one signal, given the strengths, by least squares."""
    known = mask & ~np.isnan(scores)
    effects = np.zeros(len(shares))
    strengths = np.broadcast_to(strength, known.shape)[known]
    weights = np.maximum(np.bincount(codes[known], strengths**2, minlength=len(shares)), _NOTHING)
    for _ in range(_TURNS):
        level = _slate_means(scores - strength * effects[codes], known)
        effects = np.bincount(codes[known], strengths * (scores - level)[known], minlength=len(shares)) / weights
        effects -= effects @ shares
    level = _slate_means(scores - strength * effects[codes], known)
    counts = known.sum(axis=1, keepdims=True)
    # A level that was fitted takes a share of the variance with it.
    residual = (scores - level - strength * effects[codes]) * np.sqrt(counts / np.maximum(counts - 1, 1))
    residual = np.where(known, residual, np.nan)
    squares = _slate_means(residual**2, known)
    variance = float(np.mean(residual[known] ** 2)) if known.any() else 0.0
    return _Fit(level, effects, residual, squares, variance)


def _strengths(signals: tuple[Floats, ...], fits: list[_Fit], codes: Labels, mask: Bools) -> tuple[Floats, Floats]:
    """(Q, 1) twice: the best guess of each slate's strength, and one that is as variable as strengths are."""
    told, information, noise = np.zeros((3, len(mask), 1))
    pulls = np.zeros(mask.shape)
    for scores, fit in zip(signals, fits, strict=True):
        if fit.variance <= _NOTHING:
            continue
        known = mask & ~np.isnan(scores)
        effect = np.where(known, fit.effects[codes] - _slate_means(fit.effects[codes], known), 0.0)
        centred = np.where(known, scores - _slate_means(scores, known), 0.0)
        told += (effect * centred).sum(axis=1, keepdims=True) / fit.variance
        information += (effect**2).sum(axis=1, keepdims=True) / fit.variance
        noise += fit.squares / fit.variance / len(signals)
        pulls += effect * np.nan_to_num(fit.residual) / fit.variance
    tells = information > 1e-9
    noise = np.where(noise > 0, noise, 1.0)
    found = np.where(tells, told / np.where(tells, information, 1.0), 1.0)
    # Residuals of text and image agree: together they tell less than two signals would.
    agree = float((pulls**2).sum() / max((noise * information).sum(), _NOTHING))
    error = np.where(tells, agree * noise / np.where(tells, information, 1.0), np.inf)
    weights = information / (noise + information)
    if not weights.sum() > 0:
        return np.ones_like(found), np.ones_like(found)
    beyond = np.where(tells, (found - 1) ** 2 - np.where(tells, error, 0.0), 0.0)
    varies = max(0.0, float((weights * beyond).sum() / weights.sum()))
    kept = varies / (varies + error)
    guess = np.maximum(1 + (found - 1) * kept, _LEAST)
    return guess / float((guess * weights).sum() / weights.sum()), np.maximum(1 + (found - 1) * np.sqrt(kept), 0.0)
