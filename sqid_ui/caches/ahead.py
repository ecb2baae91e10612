"""What will be asked for in a moment, worked out beside the page once it has been shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqid_ui.work.pool import TASKS, asker
from sqid_ui.work.turns import Lane


def work_ahead(works: Sequence[Callable[[], Any]]) -> None:
    """Fills the caches by some calls, the likeliest first, when nobody waits for anything. What the visit wanted before
    and that was not begun is dropped; what fails is told to whoever asks for it."""
    # Beside what the session waits for.
    who = "ahead", asker()
    TASKS.drop(who)
    for work in works:
        TASKS.submit(who, object(), work, Lane.AHEAD)
