"""Whether one run is better than another: the verdict of the paired randomisation test, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..types import Bools, Floats
from .significance import Outcomes, holm

# A difference is sure where the test's p, after Holm over all that the sentence chose from, is at most this.
SURE = 0.05
# Fewer queries than this get no verdict, whatever the test says; fewer that differ, beside equal ones, no interval.
LEAST_QUERIES = 10

Kind = Literal["better", "worse", "open", "same", "few differ", "few queries", "chosen", "in-sample"]


@dataclass(frozen=True)
class Verdict:
    """What the test says of B against A.

    kind: `better` and `worse` are sure; `open` is what these queries do not tell; `same`: no query differs; `few
    differ`: even if all that differ pointed one way, the corrected p could not reach .05; `few queries`: below ten, or
    worth less than ten by their traffic; `chosen`: rankings chose the pairs whose labels these are, and no test speaks
    of other queries; `in-sample`: these very labels chose one of the two. p: after Holm. differ, n: queries that
    differ, and all that are compared. worth: the effective number of these.
    """

    kind: Kind
    p: float
    differ: int
    n: int
    worth: float

    @property
    def sure(self) -> bool:
        """Whether it says which is better."""
        return self.kind in ("better", "worse")


def verdict(found: Outcomes, difference: float, p: float, family: int = 1, in_sample: bool = False) -> Verdict:
    """The verdict on a mean difference. p: of `randomisation_p`, after Holm over `family` comparisons; nan where the
    labels are chosen (`claims`). in_sample: whether these labels chose one of the two."""
    differ = found.wins + found.losses

    def said(kind: Kind) -> Verdict:
        return Verdict(kind, p, differ, found.n, found.worth)

    if in_sample:
        return said("in-sample")
    if found.n and np.isnan(p):
        return said("chosen")
    if found.worth < LEAST_QUERIES:
        return said("few queries")
    if not differ:
        return said("same")
    if least_p(differ, family) > SURE:
        return said("few differ")
    if not p <= SURE:
        return said("open")
    return said("better" if difference > 0 else "worse")


def least_p(differ: int, family: int = 1) -> float:
    """The smallest p that the test can reach where so many queries differ, after Holm over a family: 2 / 2 ** differ,
    as only all signs alike, either way, are as far from 0 as all signs alike."""
    return min(1.0, max(family, 1) * 2.0 ** (1 - differ)) if differ else 1.0


def nested_holm(ps: Floats, first: Bools) -> Floats:
    """(M,) p values corrected by Holm so that what is added later changes none that stood before.

    first: (M,) those that always stand there: they are corrected for each other alone; the others for all together.
    """
    corrected = holm(ps)
    corrected[first] = holm(np.where(first, ps, np.nan))[first]
    return corrected
