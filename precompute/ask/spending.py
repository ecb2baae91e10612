"""What asking costs, counted before it is asked: a budget is never exceeded, as what is under way counts in full."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Tokens:
    """Of one question: those that were sent, and those that came back."""

    sent: int = 0
    back: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.sent + other.sent, self.back + other.back)

    def __sub__(self, other: Tokens) -> Tokens:
        return Tokens(self.sent - other.sent, self.back - other.back)


NOTHING = Tokens()


@dataclass(frozen=True)
class Prices:
    """Of a million tokens, in whatever money; 0 where nobody pays."""

    sent: float = 0.0
    back: float = 0.0

    def of(self, tokens: Tokens) -> float:
        """What they cost."""
        return (tokens.sent * self.sent + tokens.back * self.back) / 1e6


class Purse:
    """What many threads spend together. budget: None for no end."""

    def __init__(self, prices: Prices, budget: float | None = None) -> None:
        self._prices, self._budget = prices, budget
        self._changed = threading.Condition()
        self._reserved, self._spent, self._guessed = NOTHING, NOTHING, 0
        self._largest = NOTHING
        self._exhausted = False

    def reserve(self, most: Tokens) -> Tokens | None:
        """Takes what a question costs at most out of the budget; waits while others may give something back.

        Returns what was taken, which is more where earlier answers cost more than was thought; None where the budget
        does not reach, then and for all later.
        """
        with self._changed:
            most = _larger(most, self._largest)
            while not self._exhausted and not self._fits(most):
                if self._reserved == NOTHING:
                    self._exhausted = True
                    self._changed.notify_all()
                else:
                    self._changed.wait()
            if self._exhausted:
                return None
            self._reserved += most
            return most

    def settle(self, taken: Tokens, used: Tokens | None) -> None:
        """Gives back what was taken, less what was used; None where nobody knows: then all of it counts as used."""
        with self._changed:
            self._reserved -= taken
            self._spent += taken if used is None else used
            self._guessed += used is None
            if used is not None:
                # A picture may count as more tokens than anybody thought.
                self._largest = _larger(self._largest, _above(used, taken))
            self._changed.notify_all()

    @property
    def spent(self) -> Tokens:
        """What was used so far."""
        with self._changed:
            return self._spent

    @property
    def cost(self) -> float:
        """What that costs."""
        return self._prices.of(self.spent)

    @property
    def guessed(self) -> int:
        """Questions of which nobody said what they cost: counted at the most."""
        with self._changed:
            return self._guessed

    @property
    def exhausted(self) -> bool:
        """Whether the budget has stopped a question."""
        with self._changed:
            return self._exhausted

    def _fits(self, most: Tokens) -> bool:
        return self._budget is None or self._prices.of(self._spent + self._reserved + most) <= self._budget


def _above(used: Tokens, taken: Tokens) -> Tokens:
    """What was used where it is more than was taken, else 0."""
    return Tokens(used.sent if used.sent > taken.sent else 0, used.back if used.back > taken.back else 0)


def _larger(a: Tokens, b: Tokens) -> Tokens:
    return Tokens(max(a.sent, b.sent), max(a.back, b.back))
