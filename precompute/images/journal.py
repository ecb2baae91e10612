"""What is finished, a line each, so that a run that was killed goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO

from precompute.images.outcome import FINAL, Outcome


def finished(path: Path) -> dict[str, Outcome]:
    """The final outcomes by source. A last line that was cut off, as by kill -9, is left out."""
    if not path.exists():
        return {}
    found = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        entry = json.loads(line)
        source = entry.pop("source")  # before the rest becomes an outcome
        found[source] = Outcome(**entry)
    return {source: outcome for source, outcome in found.items() if outcome.status in FINAL}


class Journal:
    """`with Journal(path, known) as journal: journal.note(source, outcome)`. Starts from what is known, whole again."""

    def __init__(self, path: Path, known: Mapping[str, Outcome]) -> None:
        self._path, self._known = path, known
        self._file: IO[str] | None = None

    def __enter__(self) -> Journal:
        partial = self._path.with_suffix(".tmp")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(_line(source, outcome) for source, outcome in self._known.items())
        partial.replace(self._path)
        self._file = self._path.open("a", encoding="utf-8", buffering=1)
        return self

    def note(self, source: str, outcome: Outcome) -> None:
        """Adds a line; it is in the hands of the system at once."""
        if self._file is not None:
            self._file.write(_line(source, outcome))

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


def _line(source: str, outcome: Outcome) -> str:
    return json.dumps({"source": source, **asdict(outcome)}) + "\n"
