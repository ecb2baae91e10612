"""Saved evaluations side by side: what each measured in the mean, without its queries' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from .metrics import defined_mean, reads_relevance
from .saved import RELEVANT, SavedEvaluation

# Settings under which means lie on one line; the bundle may have changed between two of them.
ALIKE = ("labels", "gains", "count", "unranked")


@dataclass(frozen=True, eq=False)
class InShort:
    """An evaluation without its queries and values, which are many megabytes. queries: how many there are. means: by
    the names of method and measure the mean and the number of queries that it is over, of the methods of which a test
    means something. Without intervals: how sure a change is, only the same queries before and after say."""

    where: str
    settings: Mapping[str, str]
    when: datetime
    version: str
    queries: int
    means: Mapping[tuple[str, str], tuple[float, int]] = field(repr=False)

    def alike(self, measure: str) -> tuple[str, ...]:
        """Equal where means of a measure may stand on one line."""
        relevant = self.settings[RELEVANT] if reads_relevance(measure) else ""
        return *(self.settings[name] for name in ALIKE), relevant


def in_short(found: SavedEvaluation) -> InShort:
    """What is shown of an evaluation among others."""
    means = {}
    for method in found.methods.values():
        for measure, values in method.values.items() if method.tested else ():
            means[method.name, measure] = defined_mean(values, found.traffic), int((~np.isnan(values)).sum())
    return InShort(found.where, found.settings, found.when, found.version, len(found.queries), means)


def over_time(those: Sequence[InShort], measure: str) -> pd.DataFrame:
    """A row an evaluation and method, in the order of time: `when`, `name` (of the evaluation), `method`, `line` (equal
    where means may be joined by a line), `mean`, `n`, `fingerprint`, `version`."""
    lines = {each: line for line, each in enumerate(dict.fromkeys(each.alike(measure) for each in those))}
    rows = [
        {
            "when": each.when,
            "name": each.where,
            "method": method,
            "line": lines[each.alike(measure)],
            "mean": mean,
            "n": n,
            "fingerprint": each.settings["fingerprint"][:8],
            "version": each.version,
        }
        for each in sorted(those, key=lambda each: each.when)
        for (method, of), (mean, n) in each.means.items()
        if of == measure
    ]
    return pd.DataFrame(rows)
