"""What came of a model's judging: counted while it goes on, and told at its end."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from precompute.ask.asking import Miss
from precompute.ask.reading import Answer
from precompute.ask.spending import Prices, Purse, Tokens
from sqid_core.errors import CheckError
from sqid_core.judging.against_people import people_words
from sqid_core.judging.agreement import Agreement
from sqid_core.judging.store import Judge
from sqid_core.wording import short

# So many misses one after another are no accident: more of them would only cost money.
_MOST_MISSES: Mapping[str, int] = {"unusable": 25, "declined": 10}
_LACKS = {"unusable": "unusable", "declined": "declined", "unanswered": "without an answer"}
_MOST_REASONS = 5


@dataclass(frozen=True)
class JudgeReport:
    """What came of it. misses: (lack, reason), as of `Miss`, and how many pairs have no judgement for it, the most
    frequent first. left: pairs that were not asked for. guessed: answers of which nobody said what they cost, counted
    at the most. exhausted: the budget ended it; closed: a sentence where the endpoint or its answers did. people: how
    far it judges as people do."""

    judge: Judge
    labelled: int
    unrateable: int
    misses: Sequence[tuple[tuple[str, str], int]]
    left: int
    tokens: Tokens
    cost: float
    guessed: int
    exhausted: bool
    closed: str
    people: Agreement

    @property
    def counts(self) -> dict[str, int]:
        """How many pairs have no judgement, by the lack."""
        found: Counts[str] = Counts()
        for (lack, _), many in self.misses:
            found[lack] += many
        return dict(found)

    def require(self) -> None:
        """Raises CheckError where the endpoint, or what it answered, ended the work."""
        if self.closed:
            raise CheckError(self.closed)


class Tally:
    """What came of the pairs so far. closed: why no more should be asked for, where the endpoint or its answers are the
    cause."""

    def __init__(self) -> None:
        self._labelled = self._unrateable = 0
        self._misses: Counts[tuple[str, str]] = Counts()
        self.closed, self._halted = "", False
        self._in_a_row: Counts[str] = Counts()

    @property
    def over(self) -> bool:
        """Whether no more should be asked for."""
        return self._halted or bool(self.closed)

    def note(self, found: Answer | Miss) -> None:
        """Counts what came of a pair."""
        if isinstance(found, Answer):
            self._labelled += found.label is not None
            self._unrateable += found.label is None
            self._in_a_row.clear()
        elif found.lack == "closed":
            self.closed = self.closed or found.reason
        elif found.lack == "halted":
            self._halted = True
        else:
            self._miss(found)

    def report(self, model: Judge, pairs: int, purse: Purse, people: Agreement) -> JudgeReport:
        """pairs: how many there were."""
        left = pairs - self._labelled - self._unrateable - self._misses.total()
        misses = self._misses.most_common()
        spent = (purse.spent, purse.cost, purse.guessed, purse.exhausted)
        return JudgeReport(model, self._labelled, self._unrateable, misses, left, *spent, self.closed, people)

    def _miss(self, miss: Miss) -> None:
        self._misses[miss.lack, miss.reason] += 1
        self._in_a_row[miss.lack] += 1
        most = _MOST_MISSES.get(miss.lack)
        if most is not None and self._in_a_row[miss.lack] >= most and not self.closed:
            said = "answers were of no use" if miss.lack == "unusable" else "questions were declined"
            self.closed = f"{most} {said}, one after another ({miss.reason}); look at --dry-run, --prompt and --model"


def report_lines(report: JudgeReport, prices: Prices) -> list[str]:
    """What came of it, a line a fact."""
    rated = report.labelled + report.unrateable
    lines = [f"judged {rated:,}: {report.labelled:,} labelled, {report.unrateable:,} unrateable"]
    for lack, many in report.counts.items():
        reasons = [f"{short(reason, 120)} ({times:,})" for (kind, reason), times in report.misses if kind == lack]
        lines.append(f"{_LACKS[lack]} {many:,}: {'; '.join(reasons[:_MOST_REASONS])}")
    if report.left:
        why = "the budget does not reach further" if report.exhausted else "not asked for"
        lines.append(f"left {report.left:,}: {why}; the same command goes on")
    guessed = f" (of {report.guessed:,} nobody said what they cost: counted at the most)" if report.guessed else ""
    lines.append(f"used {spending_words(report.tokens, prices)}{guessed}")
    lines.append(f"stored as the judge {report.judge.name}, {report.judge.id}")
    lines.append(people_words(report.people))
    return lines


def spending_words(tokens: Tokens, prices: Prices) -> str:
    """Tokens and, where they have a price, what they cost."""
    cost = f", for {prices.of(tokens):,.4f}" if prices != Prices() else ""
    return f"{tokens.sent:,} tokens sent and {tokens.back:,} received{cost}"
