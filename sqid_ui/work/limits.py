"""What one visitor may ask within a minute: more than anybody types, less than a program would."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from sqid_core.wording import counted

WITHIN_S = 60.0


@dataclass(frozen=True)
class Limit:
    """many: what it counts, as people say it. variable: by which an operator sets another bound, 0 for none."""

    many: str
    variable: str
    usual: int

    def most(self, environment: Mapping[str, str] = os.environ) -> int:
        """At most so many within a minute; 0 for any number."""
        try:
            return max(int(environment.get(self.variable, "")), 0)
        except ValueError:
            return self.usual


TEXTS = Limit("texts", "SQID_TEXTS_A_MINUTE", 120)
PICTURES = Limit("pictures", "SQID_PICTURES_A_MINUTE", 30)


def seconds_to_wait(times: list[float], now: float, most: int) -> float:
    """0 where one more is within the limit, and then it is noted in `times` (ascending seconds, of which those that
    count no more are dropped); else how long to wait."""
    times[:] = [then for then in times if 0 <= now - then < WITHIN_S]
    if most and len(times) >= most:
        return times[-most] + WITHIN_S - now
    times.append(now)
    # Without a bound nothing is counted.
    del times[: 0 if most else len(times)]
    return 0.0


def refusal(limit: Limit) -> str:
    """Notes one more of this visitor's, or says why it is not taken: "" or a sentence."""
    times: list[float] = st.session_state.setdefault(f"lately {limit.many}", [])
    wait = seconds_to_wait(times, time.monotonic(), limit.most())
    if not wait:
        return ""
    left = counted(math.ceil(wait), "second", "seconds")
    return f"At most {limit.most():,} {limit.many} a minute are taken from one visitor. Wait {left}, then ask again."
