"""A bundle that is written anew, and what it was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from precompute.update.changes import Changes
from precompute.work.progress import Progress, tell
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.write import BundleWriter


@dataclass(frozen=True, eq=False)
class Carrying:
    """What is carried from the one to the other. but: signals and encoders that are written by somebody else."""

    writer: BundleWriter
    before: Dataset
    changes: Changes
    progress: Progress
    but: Collection[str]

    def say(self, sentence: str) -> None:
        """Hands on a sentence."""
        tell(self.progress, "updating", sentence)
