"""Rankers as a ladder, from a random order to what reads each pair: what every step adds to the one below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.adapted_signal import AdaptedSignal
from ..bundle.learned_signal import LearnedSignal
from ..bundle.reranked import RerankedSignal
from ..bundle.tuned_signal import TunedSignal
from ..evaluation.claims import without_claims
from ..evaluation.intervals import difference_intervals, mean_intervals
from ..evaluation.metrics import defined_mean
from ..evaluation.significance import holm, outcomes, randomisation_ps
from .methods import Method

RANDOM, PRESENCE, SIGNAL, TUNED, WEIGHT, MIX, LEARNED, RERANKED = (
    "random order",
    "presence",
    "signal alone",
    "fine-tuned",
    "one weight",
    "mix",
    "learned",
    "reranked",
)
# From the lowest up: what each is said to be.
ABOUT: dict[str, str] = {
    RANDOM: "every order as likely",
    PRESENCE: "a learner that knows only which fields and pictures a product has",
    SIGNAL: "one signal, nothing chosen",
    TUNED: "a signal whose encoder learned from labels",
    WEIGHT: "a text and an image signal, one weight for all queries",
    MIX: "all signals that no label made, each with its weight",
    LEARNED: "a model over signals and features",
    RERANKED: "a model that read the query and each product together",
}
STEPS = tuple(ABOUT)
# What a step is measured against: the best of the first of these that is there.
_BELOW: dict[str, tuple[str, ...]] = {
    RANDOM: (),
    PRESENCE: (RANDOM,),
    SIGNAL: (PRESENCE, RANDOM),
    TUNED: (SIGNAL, PRESENCE, RANDOM),
    WEIGHT: (SIGNAL, TUNED),
    MIX: (WEIGHT, SIGNAL),
    LEARNED: (MIX, WEIGHT, SIGNAL, RANDOM),
    RERANKED: (LEARNED, MIX, WEIGHT, SIGNAL, RANDOM),
}


@dataclass(frozen=True, eq=False)
class Rung:
    """step: of STEPS. made_of: the names of the rankers that it is measured against, the best of them; by the step if
    none."""

    step: str
    method: Method = field(repr=False)
    made_of: tuple[str, ...] = ()


def step_of(signal: object) -> str:
    """The step that a signal alone stands on."""
    if isinstance(signal, LearnedSignal):
        return PRESENCE if signal.origin.learner == PRESENCE else LEARNED
    if isinstance(signal, TunedSignal) and signal.origin.reads_pairs:
        return RERANKED
    if isinstance(signal, AdaptedSignal | TunedSignal):
        return TUNED
    return RERANKED if isinstance(signal, RerankedSignal) else SIGNAL


def signal_rung(signal: object, method: Method) -> Rung:
    """A signal alone: one that was fine-tuned is measured against that which it was."""
    return Rung(step_of(signal), method, (signal.of,) if isinstance(signal, AdaptedSignal | TunedSignal) else ())


def ordered(rungs: Sequence[Rung]) -> list[Rung]:
    """From the lowest step up; on a step as they came."""
    return sorted(rungs, key=lambda rung: STEPS.index(rung.step))


def below(rung: Rung, rungs: Sequence[Rung], measure: str = "ndcg") -> Rung | None:
    """What a rung is measured against: the best of what it is made of, else of the nearest step below that is there."""
    named = [each for each in rungs if each.method.name in rung.made_of and each is not rung]
    steps = ([each for each in rungs if each.step == step] for step in _BELOW[rung.step])
    candidates = named or next((found for found in steps if found), [])
    return max(candidates, key=lambda each: _mean(each.method, measure), default=None)


def _mean(method: Method, measure: str) -> float:
    return float(np.nan_to_num(method.report.means[measure], nan=-1.0))


def ladder_table(rungs: Sequence[Rung], measure: str = "ndcg") -> pd.DataFrame:
    """One row a rung, from the lowest up: step, method, validation, in-sample, its mean with low and high (95 %), and
    against, difference with its interval, p (paired randomisation), p Holm over all steps that have one, wins, ties,
    losses and n; per unit of traffic also effective.

    What stands below was chosen by its mean on these queries where a step has several. No p against a random order,
    which is an expectation; neither p nor an interval of the difference where one of the two is in-sample.
    """
    rungs = ordered(rungs)
    traffic, chosen = rungs[0].method.report.traffic, rungs[0].method.report.chosen
    values = np.stack([rung.method.values(measure) for rung in rungs])
    under = [below(rung, rungs, measure) for rung in rungs]
    place: Mapping[int, int] = {id(rung): row for row, rung in enumerate(rungs)}
    differences = np.stack(
        [
            own - values[place[id(base)]] if base else np.full(len(own), np.nan)
            for own, base in zip(values, under, strict=True)
        ]
    )
    honest = np.array([_honest(rung, base) for rung, base in zip(rungs, under, strict=True)])
    tested = honest & [base is not None and base.method.run is not None for base in under]
    ps, ends = np.full(len(rungs), np.nan), np.full((len(rungs), 2), np.nan)
    ps[tested] = randomisation_ps(differences[tested], traffic=traffic)
    ends[honest] = difference_intervals(differences[honest], traffic=traffic)
    counts = [outcomes(row, traffic=traffic) for row in differences]
    means = mean_intervals(values, within=(0.0, 1.0), traffic=traffic)
    frame = pd.DataFrame(
        {
            "step": [rung.step for rung in rungs],
            "method": [rung.method.name for rung in rungs],
            "validation": [rung.method.validation if rung.method.run else None for rung in rungs],
            "in-sample": [rung.method.in_sample for rung in rungs],
            measure: [rung.method.report.means[measure] for rung in rungs],
            f"{measure} low": means[:, 0],
            f"{measure} high": means[:, 1],
            "against": [base.method.name if base else None for base in under],
            "difference": [defined_mean(row, traffic) for row in differences],
            "difference low": ends[:, 0],
            "difference high": ends[:, 1],
            "p": ps,
            "p Holm": holm(ps),
            "wins": [each.wins for each in counts],
            "ties": [each.ties for each in counts],
            "losses": [each.losses for each in counts],
            "n": [each.n for each in counts],
        }
    )
    frame = without_claims(frame, chosen)
    return frame if traffic is None else frame.assign(effective=[each.worth for each in counts])


def _honest(rung: Rung, base: Rung | None) -> bool:
    """Whether the difference may have an interval."""
    return base is not None and not rung.method.in_sample and not base.method.in_sample
