"""The learners, in one table."""

from __future__ import annotations

from .lambdamart import LAMBDAMART, PRESENCE
from .linear import LINEAR
from .protocol import Learner

LEARNERS: dict[str, Learner] = {learner.name: learner for learner in (PRESENCE, LINEAR, LAMBDAMART)}
