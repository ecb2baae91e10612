"""Mixes: several signals of one modality as one signal, such as .7 of a sentence encoder and .3 of BM25.

Each signal is put on the mix's scale and its missing scores are filled by itself, before the weights and never after,
so that a mix is linear in its weights: fused(w) = (1 - w) A + w B has an exact curve whatever A and B are made of. A
mix is named by what it is made of, and that name stands wherever a signal's name may stand:

    sbert:0.7+bm25:0.3              z-scores, 0 (the average) where a product lacks one of them
    sbert:0.7+bm25:0.3@min-max@worst
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..bundle.signals import SearchingSignal, Signal
from ..errors import InputError
from ..types import Bools, Floats, Modality, Vectors
from .methods import METHODS
from .missing import MISSING_IMAGE
from .norms import NORMS

USUAL_NORM, USUAL_FILL = "z-score", "zero"
# What stands for a score that a product lacks may not borrow that of another signal: its weight moves.
FILLS = tuple(name for name, policy in MISSING_IMAGE.items() if not policy.borrows)
_EXAMPLE = "sbert:0.7+bm25:0.3"


@dataclass(frozen=True)
class Mix:
    """Which signals, how much of each, and on which scale. Hashable.

    parts: (signal, weight) pairs; only the weights' ratios count. norm: puts each signal on one scale with the others,
    a slate (or the whole catalogue) at a time. fill: what a product gets for a signal that it lacks.

    >>> mix = read_mix("sbert:0.7+bm25:0.3")
    >>> mix.parts, mix.norm
    ((('sbert', 0.7), ('bm25', 0.3)), 'z-score')
    >>> str(Mix((("sbert", 1.0), ("bm25", 0.5)), "min-max"))
    'sbert:1+bm25:0.5@min-max'
    """

    parts: tuple[tuple[str, float], ...]
    norm: str = USUAL_NORM
    fill: str = USUAL_FILL

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a mix needs a signal")
        names = [name for name, _ in self.parts]
        if len({*names}) < len(names):
            raise ValueError(f"a mix names each signal once, got {', '.join(names)}")
        if not all(weight > 0 and math.isfinite(weight) for _, weight in self.parts):
            raise ValueError("the weights of a mix are numbers above 0; leave out what does not count")
        for what, value, known in (("norm", self.norm, (*NORMS,)), ("fill", self.fill, FILLS)):
            if value not in known:
                raise ValueError(f"unknown {what} {value!r}; choose one of: {', '.join(known)}")

    def __str__(self) -> str:
        ends = [f"@{norm}" for norm in (self.norm,) if norm != USUAL_NORM]
        ends += [f"@{fill}" for fill in (self.fill,) if fill != USUAL_FILL]
        return "+".join(f"{name}:{_number(weight)}" for name, weight in self.parts) + "".join(ends)

    @property
    def weights(self) -> Floats:
        """(P,) that sum to 1."""
        found = np.array([weight for _, weight in self.parts])
        return found / found.sum()


def _number(weight: float) -> str:
    return repr(float(weight)).removesuffix(".0")


def is_mix(name: str) -> bool:
    """Whether a name is a mix's: no signal's name has a colon."""
    return ":" in name


def read_mix(text: str) -> Mix:
    """The mix that such a text names. Raises InputError."""
    terms, *ends = text.split("@")
    try:
        parts = tuple(_part(term) for term in terms.split("+"))
        settings = {"fill" if end in FILLS else "norm": end for end in ends}
        if len(settings) < len(ends):
            raise ValueError(f"{'@'.join(ends)[:40]} names a norm or a fill twice")
        return Mix(parts, **settings)
    except ValueError as error:
        raise InputError(f"{text[:80]!r} is no mix of signals ({error}); write it like {_EXAMPLE}") from None


def _part(term: str) -> tuple[str, float]:
    name, colon, weight = term.partition(":")
    if not (name and colon):
        raise ValueError(f"{term[:40]!r} is no signal and its weight")
    try:
        return name, float(weight)
    except ValueError:
        raise ValueError(f"{weight[:40]!r} is no weight") from None


def signal_named(dataset: Dataset, name: str) -> Signal:
    """A signal of the bundle, or the mix of some that the name says. Raises InputError where the bundle lacks it."""
    if name in dataset.signals:
        return dataset.signals[name]
    known = ", ".join(dataset.signals) or "none"
    if not is_mix(name):
        raise InputError(f"the bundle {dataset.name} has no signal {name[:80]!r}; it has: {known}")
    mix = read_mix(name)
    unknown = [part for part, _ in mix.parts if part not in dataset.signals]
    if unknown:
        raise InputError(f"the bundle {dataset.name} has no signal {unknown[0][:80]!r} to mix; it has: {known}")
    parts = tuple(dataset.signals[part] for part, _ in mix.parts)
    if len({part.modality for part in parts}) > 1:
        told = ", ".join(f"{part.name} reads {part.modality}" for part in parts)
        raise InputError(f"a mix is of one modality, but {told}; fuse the two instead")
    able = all(isinstance(part, SearchingSignal) for part in parts)
    return (SearchingMix if able else MixedSignal)(mix, parts)


def preferring(dataset: Dataset, *names: str) -> Dataset:
    """The data set with these signals, or mixes, before all others. Raises InputError where the bundle lacks one."""
    chosen = [signal_named(dataset, name) for name in names]
    signals = {**dataset.signals, **{signal.name: signal for signal in chosen}}
    return replace(dataset, signals=signals).preferring(*(signal.name for signal in chosen))


def scaled_norm(method: str, norm: str, *ends: str) -> str:
    """The norm that a method runs with where `norm` is asked for: beside a mix, which is on a scale of its own, never
    raw scores. ends: the names of the signals or mixes that are fused."""
    rule, found = METHODS[method], METHODS[method].coherent_norm(norm)
    return USUAL_NORM if rule.reads_norm and any(map(is_mix, ends)) and not NORMS[found].one_scale else found


def are_mixes(text: Signal | None, image: Signal | None) -> tuple[bool, bool]:
    """Which of two ends of a fusion are mixes, on a scale of their own."""
    return isinstance(text, MixedSignal), isinstance(image, MixedSignal)


def filled(scores: Floats, mix: Mix, is_run: bool) -> Floats:
    """(..., C) one signal's part of a mix before its weight: normed and filled. scores: raw, nan where absent."""
    normed = NORMS[mix.norm].apply(scores)
    return MISSING_IMAGE[mix.fill].filled(normed, np.zeros_like(normed), is_run)


def mixed(parts: Sequence[Floats], mix: Mix, runs: Sequence[bool]) -> Floats:
    """(..., C) the mix of some signals' raw scores, each (..., C) with nan where absent.

    nan where a product has none of them and the mix fills with 0: what it lacks then is for the fusion to say. What a
    run does not rank is not absent, it stands behind.
    """
    total = np.zeros(())
    for scores, weight, is_run in zip(parts, mix.weights, runs, strict=True):
        total = total + weight * filled(scores, mix, is_run)
    if mix.fill != USUAL_FILL:
        return np.asarray(total)
    absent = np.logical_and.reduce([np.isnan(part) & (not run) for part, run in zip(parts, runs, strict=True)])
    return np.where(absent, np.nan, total)


@dataclass(frozen=True, eq=False)
class MixedSignal:
    """Signals of a bundle as one. Its scores are on the mix's own scale, and no fusion puts them on another."""

    mix: Mix
    parts: tuple[Signal, ...] = field(repr=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mix}: {self.modality})"

    @cached_property
    def name(self) -> str:
        """What it is made of."""
        return str(self.mix)

    @property
    def modality(self) -> Modality:
        """What all of its signals read."""
        return self.parts[0].modality

    @property
    def is_run(self) -> bool:
        """No: what a run among its signals does not rank stands behind already."""
        return False

    @property
    def _runs(self) -> tuple[bool, ...]:
        return tuple(part.is_run for part in self.parts)

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) the mix of every judged pair, each slate normed by itself; nan at padding and where all are absent."""
        found = mixed([part.slate_scores(judgements) for part in self.parts], self.mix, self._runs)
        return np.where(judgements.mask, found, np.nan)

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs one of its signals scores."""
        return np.logical_or.reduce([part.knows(judgements) for part in self.parts])

    def judged_as(self, before: Judgements, now: Judgements) -> MixedSignal:
        """The same mix of what its signals say of other judgements."""
        return replace(self, parts=tuple(part.judged_as(before, now) for part in self.parts))

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) of one query's judged products, to the last bit as in `slate_scores`."""
        one = judgements.take(slice(query, query + 1))
        rows = np.full((len(self.parts), *one.mask.shape), np.nan)
        rows[:, one.mask] = [part.query_scores(judgements, query) for part in self.parts]
        return mixed(list(rows), self.mix, self._runs)[one.mask]


@dataclass(frozen=True, eq=False, repr=False)
class SearchingMix(MixedSignal):
    """A mix of signals that can all search."""

    @property
    def encoders(self) -> tuple[str, ...]:
        """Those of its signals."""
        found = (encoder for part in self.parts if isinstance(part, SearchingSignal) for encoder in part.encoders)
        return tuple(dict.fromkeys(found))

    def searched(self, vectors: Mapping[str, Vectors], text: str) -> Floats | None:
        """(N,) the mix of those signals that can answer, normed over the catalogue; None where none can."""
        answers = [part.searched(vectors, text) for part in self.parts if isinstance(part, SearchingSignal)]
        return None if all(each is None for each in answers) else mixed_answers(self.mix, answers)


def mixed_answers(mix: Mix, answers: Sequence[Floats | None]) -> Floats:
    """(n,) the mix of those parts' scores (n,) that there are; None for a part that cannot answer."""
    answering = [(part, found) for part, found in zip(mix.parts, answers, strict=True) if found is not None]
    able = replace(mix, parts=tuple(part for part, _ in answering))
    return mixed([found for _, found in answering], able, [False] * len(answering))
