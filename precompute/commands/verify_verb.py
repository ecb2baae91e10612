"""Check everything that a bundle promises: a line a check, exit code 0 if all hold and 1 if one does not.

Reads every file: the hashes, tables, judgements, vectors, models, indexes and pictures."""

from __future__ import annotations

from pathlib import Path

from precompute.commands.terminal import Terminal
from precompute.commands.verb import bundle_argument, verb
from precompute.steps.verify import verify


@verb("verify", __doc__, "python -m precompute verify data/esci")
@bundle_argument
def command(bundle: Path) -> None:
    """Prints a line a check."""
    verify(bundle, Terminal()).require()
