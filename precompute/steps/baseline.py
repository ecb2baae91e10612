"""An evaluation held against an earlier one: a saved file, or another bundle that is evaluated alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from precompute.report.evaluation import Evaluation
from precompute.report.method_rows import Line
from sqid_core.errors import CheckError, InputError
from sqid_core.evaluation.regressions import MethodChange, changes
from sqid_core.evaluation.run_specs import write_run
from sqid_core.evaluation.saved import RELEVANT, SavedEvaluation, SavedMethod
from sqid_core.wording import counted, short

MAX_LOSS = 0.005


@dataclass(frozen=True, eq=False)
class Gate:
    """What became of each method. only: methods that one of the two lacks. unmatched: how many queries one lacks."""

    measure: str
    max_loss: float
    where: str
    made: str
    found: Sequence[MethodChange] = field(repr=False)
    only: Sequence[str] = ()
    unmatched: int = 0

    @property
    def worse(self) -> list[MethodChange]:
        """The methods that lost more than is allowed, beyond doubt."""
        return [each for each in self.found if each.is_worse(self.max_loss)]

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for what is undefined."""
        methods = [
            {
                "name": each.name,
                "before": _number(each.before),
                "now": _number(each.now),
                "ci95": [_number(end) for end in each.interval],
                "n": each.n,
                "worse": each.is_worse(self.max_loss),
                "lost_most": [{"query": query, "difference": lost} for query, _, lost in each.lost_most()],
            }
            for each in self.found
        ]
        told = {"baseline": self.where, "made": self.made, "measure": self.measure, "max_loss": self.max_loss}
        return told | {"methods": methods, "not_compared": list(self.only), "unmatched_queries": self.unmatched}


def saved(found: Evaluation) -> SavedEvaluation:
    """What a file keeps of an evaluation."""
    dataset = found.dataset
    methods = {line.name: _kept(line) for line in found.lines}
    return SavedEvaluation(
        {
            "bundle": found.bundle,
            "fingerprint": dataset.fingerprint,
            "labels": found.labels.text if found.labels else "published",
            "gains": found.gains,
            "count": found.count,
            "unranked": "not-returned" if found.retrieval else "follow",
            RELEVANT: dataset.scale.relevant_names[-1],
        },
        datetime.now(UTC).isoformat(timespec="seconds"),
        _version(),
        tuple(map(str, dataset.judgements.query_ids)),
        tuple(dataset.queries["query"].astype(str)),
        methods,
        traffic=dataset.traffic,
        chosen=dataset.labels_chosen,
    )


def _kept(line: Line) -> SavedMethod:
    names = map(str, line.method.report.per_query)
    values = {name: line.method.values(name) for name in names}
    return SavedMethod(line.name, line.method.tested, values, write_run(line.spec) if line.spec else "")


def allowed_loss(asked: float | None) -> float:
    """How much may be lost. Raises InputError for less than nothing."""
    if asked is not None and not (math.isfinite(asked) and asked >= 0):
        raise InputError(f"--max-loss must be 0 or more, got {asked:g}; .005 allows a loss of half a point of NDCG")
    return MAX_LOSS if asked is None else asked


def gate(now: Evaluation, before: SavedEvaluation, where: str, measure: str, max_loss: float) -> Gate:
    """An evaluation against an earlier one. where: that came from, for people. Raises InputError where the two cannot
    be compared."""
    after = saved(now)
    found = changes(replace(before, where=where), after, measure)
    tested = {name for each in (before, after) for name, one in each.methods.items() if one.tested}
    only = sorted(tested - {each.name for each in found})
    unmatched = len(set(before.queries) ^ set(after.queries))
    return Gate(measure, max_loss, where, before.made, found, only, unmatched)


def told(found: Gate) -> str:
    """The table of the gate, and a line for each method that lost too much: which queries."""
    width = max(26, *(len(each.name) + 2 for each in found.found))
    lines = [
        f"against {found.where} (made {found.made}), {found.measure}, allowed loss {found.max_loss:g}",
        f"{'method':<{width}}{'before':>8}{'now':>9}{'change':>9}  {'95 % interval':<20}{'queries':>8}",
    ]
    for each in found.found:
        mark = "  WORSE" if each.is_worse(found.max_loss) else ""
        means = f"{each.before:>8.4f}{each.now:>9.4f}{each.difference:>+9.4f}"
        lines.append(f"{each.name:<{width}}{means}  {_ends(each):<20}{each.n:>8,}{mark}")
    if found.only:
        lines.append(f"in one of the two alone, not compared: {', '.join(found.only)}")
    if found.unmatched:
        lines.append(f"{counted(found.unmatched, 'query', 'queries')} in one of the two alone, not compared")
    lines += [f"{each.name} lost most on: {_queries(each)}" for each in found.worse]
    return "\n".join(lines)


def check(found: Gate) -> None:
    """Raises CheckError where a method lost more than is allowed, beyond doubt."""
    if worse := found.worse:
        names = ", ".join(
            f"{each.name} by {-each.difference:.4f} ({each.interval[0]:+.4f} to {each.interval[1]:+.4f})"
            for each in worse
        )
        raise CheckError(
            f"{counted(len(worse), 'method', 'methods')} of {len(found.found)} lost more {found.measure} than "
            f"{found.max_loss:g}: {names}; mend the ranking, allow more with --max-loss, or save a new baseline"
        )


def _ends(change: MethodChange) -> str:
    low, high = change.interval
    return "-" if math.isnan(low) else f"{low:+.4f} to {high:+.4f}"


def _queries(change: MethodChange) -> str:
    return ", ".join(f"{query} “{short(text)}” {lost:+.4f}" for query, text, lost in change.lost_most())


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _version() -> str:
    try:
        return version("sqid-explorer")
    except PackageNotFoundError:
        return "source"
