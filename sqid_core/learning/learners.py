"""The learners, in one table."""

from __future__ import annotations

from .attention import ATTENTION
from .gate import GATE
from .lambdamart import LAMBDAMART, PRESENCE
from .linear import LINEAR
from .protocol import Learner

LEARNERS: dict[str, Learner] = {learner.name: learner for learner in (PRESENCE, LINEAR, LAMBDAMART, GATE, ATTENTION)}
