"""The figures of an evaluation, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from precompute.report import against_published
from precompute.report.method_rows import Line, intervals
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.metrics import measure_label
from sqid_core.judging.drawn import CHOSEN
from sqid_core.judging.relabelled import Relabelled
from sqid_core.wording import counted

# Of a further measure's column, and of that of the kinds of validation.
_WIDE, _KIND = 15, 15


@dataclass(frozen=True, eq=False)
class LabelsTold:
    """Whose labels the figures are of, where these are not the published ones. text: as a link has the set. words: for
    people. judged: how many labels there are, and what of them does not fit."""

    text: str
    words: str
    judged: Relabelled

    def to_json(self) -> dict[str, Any]:
        """set, words, the counts of `Relabelled`, and pairs where they were chosen: then no mean has an interval."""
        counts = ("given", "changed", "added", "removed", "unresolved", "gone", "unknown")
        found = {"set": self.text, "words": self.words, **{name: getattr(self.judged, name) for name in counts}}
        return found | ({"pairs": CHOSEN} if self.judged.dataset.labels_chosen else {})


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was evaluated. queries, judged: how many there are, and with a judgement. lines: a method each, random
    first. published: the published figures that ours can be held to, none for most bundles. measures: names of those
    that are told beside NDCG. cautions: what has to be known of them, a sentence each. retrieval: whether what a run
    does not rank counts as not returned. count: `queries` or `traffic`, by what the means count; "" where the bundle
    has no weights to count by. dataset: what it is of. labels: whose labels, None for the published ones."""

    bundle: str
    gains: str
    queries: int
    judged: int
    judgements: int
    lines: Sequence[Line] = field(repr=False)
    published: Sequence[against_published.Compared] = field(default=(), repr=False)
    measures: Sequence[str] = ()
    cautions: Sequence[str] = ()
    retrieval: bool = False
    count: str = ""
    dataset: Dataset = field(kw_only=True, repr=False)
    labels: LabelsTold | None = None

    @property
    def without_gain(self) -> int:
        """How many judged queries have no product with a gain, and so no NDCG."""
        return self.judged - self.lines[0].method.report.n_scored

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for what is undefined."""
        values = {
            "bundle": self.bundle,
            "gains": self.gains,
            "queries": self.queries,
            "judged": self.judged,
            "without_gain": self.without_gain,
            "judgements": self.judgements,
            "methods": _methods(self.lines, self.measures),
        }
        if self.labels:
            values |= {"labels": self.labels.to_json()}
        if self.dataset.relevant_from is not None:
            values |= {"relevant": list(self.dataset.scale.relevant_names)}
        if self.count:
            values |= {"count": self.count, "effective_queries": self.lines[0].effective("ndcg")}
        if self.cautions:
            values |= {"unranked": "not returned" if self.retrieval else "follow", "cautions": list(self.cautions)}
        return values | ({"published": [row.to_json() for row in self.published]} if self.published else {})


def _methods(lines: Sequence[Line], measures: Sequence[str]) -> list[dict[str, Any]]:
    """name, ndcg, ci95, each further measure, validation (its kind, of rankings), n (the queries behind each mean) and,
    where they say something, n_effective (how many queries of equal traffic these are worth), image_weight, in_sample,
    ranked (the share of the judged pairs that its runs rank), repeats (the NDCG of each repeat of a cross-validation,
    the first of which a run file holds) and repeats_sd; null for what is undefined."""
    found = []
    for line, (low, high) in zip(lines, intervals(lines), strict=True):
        values: dict[str, Any] = {"name": line.name, "ndcg": _number(line.ndcg), "ci95": [_number(low), _number(high)]}
        values |= {name: _number(line.mean(name)) for name in measures}
        if line.method.run:
            values["validation"] = line.method.validation
        values["n"] = {name: line.queries(name) for name in ("ndcg", *measures)}
        if line.method.report.traffic is not None:
            values["n_effective"] = {name: line.effective(name) for name in ("ndcg", *measures)}
        if not np.isnan(line.method.image_weight):
            values["image_weight"] = line.method.image_weight
        if line.method.repeats:
            values["repeats"] = [each.means["ndcg"] for each in line.method.repeats]
            values["repeats_sd"] = line.method.spread("ndcg")
        if line.method.ranked < 1:
            values["ranked"] = line.method.ranked
        found.append(values | ({"in_sample": True} if line.method.in_sample else {}))
    return found


def table(evaluation: Evaluation) -> str:
    """The figures for reading."""
    lines = evaluation.lines
    width = max(26, *(len(line.name) + 2 for line in lines))
    text = [
        f"{evaluation.bundle}: {_counts(evaluation)}, gains {evaluation.gains}",
        *_labels(evaluation),
        *_counting(evaluation),
        *_relevance(evaluation),
        "",
        f"{'method':<{width}}{'NDCG':>8}  {'95 % interval':<18}{'image weight':>12}"
        + f"  {'validation':<{_KIND}}"
        + "".join(f"{measure_label(name):>{_WIDE}}" for name in evaluation.measures),
    ]
    for values, line in zip(_methods(lines, evaluation.measures), lines, strict=True):
        interval = " to ".join(map(_figure, values["ci95"]))
        weight = f"{values['image_weight']:.3f}" if "image_weight" in values else ""
        kind = line.method.validation if line.method.run else ""
        more = "".join(f"{_figure(values[name]):>{_WIDE}}" for name in evaluation.measures)
        row = f"{line.name:<{width}}{_figure(values['ndcg']):>8}  {interval:<18}{weight:>12}  {kind:<{_KIND}}{more}"
        text.append(f"{row}  {line.note}".rstrip())
    if evaluation.cautions:
        text += ["", *evaluation.cautions]
    if not any(line.method.run for line in lines):
        text += ["", "The bundle has no signals yet: python -m precompute encode adds one."]
    if evaluation.published:
        text += ["", against_published.table(evaluation.published)]
    return "\n".join(text)


def _counts(evaluation: Evaluation) -> str:
    """How many queries and judgements there are, and how many queries every mean leaves out."""
    said = counted(evaluation.queries, "query", "queries")
    if evaluation.judged < evaluation.queries:
        said += f", {evaluation.judged:,} of them judged"
    said += f", {counted(evaluation.judgements, 'judgement', 'judgements')}"
    if evaluation.without_gain:
        said += f", {counted(evaluation.without_gain, 'judged query', 'judged queries')} without a gain left out"
    return said


def _labels(evaluation: Evaluation) -> list[str]:
    """Whose labels, where they are not the published ones."""
    told = evaluation.labels
    return [] if told is None else [f"{told.words} ({told.text}): {told.judged.sentence()}"]


def _counting(evaluation: Evaluation) -> list[str]:
    """By what the means count, where there is a choice."""
    if not evaluation.count:
        return []
    first = evaluation.lines[0]
    if evaluation.count == "queries":
        return ["means per query; the queries have weights: --count traffic counts each by its own"]
    effective, n = first.effective("ndcg"), first.queries("ndcg")
    return [f"means per unit of traffic; effective number of queries {effective:,.1f} of {n:,}"]


def _relevance(evaluation: Evaluation) -> list[str]:
    """Which labels count as relevant, where somebody chose that."""
    dataset = evaluation.dataset
    return [] if dataset.relevant_from is None else [f"relevant: {', '.join(dataset.scale.relevant_names)}"]


def _number(value: float) -> float | None:
    """JSON knows no nan."""
    return None if np.isnan(value) else float(value)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
