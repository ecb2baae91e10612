"""What an engine answered, kept as it comes: JSON lines, the first of which says what was asked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precompute.engine.asking_engine import EngineAnswer
from sqid_core.errors import InputError


@dataclass(frozen=True)
class AnswersFile:
    """path: of the file. about: what was asked, and of whom; answers to something else are never added to it."""

    path: Path
    about: Mapping[str, Any]

    def read(self) -> dict[str, EngineAnswer]:
        """The answers that are there, by query; a last line that was cut off is dropped. Raises InputError for a file
        of something else."""
        if not self.path.exists():
            return {}
        lines = self.path.read_bytes().split(b"\n")
        whole, found = len(lines[0]) + 1, {}
        if _parsed(lines[0]) != self.about:
            raise InputError(
                f"{self.path} holds answers to another request, of another engine, or for other queries; "
                "give another --out, or --again to ask anew"
            )
        for line in lines[1:-1]:
            record = _parsed(line)
            try:
                found[str(record["query_id"])] = EngineAnswer(tuple(record["products"]), float(record["seconds"]))
            except (TypeError, KeyError, ValueError):
                raise InputError(f"{self.path} is damaged; give --again to ask anew") from None
            whole += len(line) + 1
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)
        return found

    def begin(self) -> None:
        """Makes the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.about) + "\n", encoding="utf-8")

    def add(self, answers: Iterable[tuple[str, EngineAnswer]]) -> None:
        """Appends answers, and waits until they are on the disk."""
        lines = [
            json.dumps({"query_id": query, "products": list(each.products), "seconds": round(each.seconds, 6)}) + "\n"
            for query, each in answers
        ]
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(lines))
            file.flush()
            os.fsync(file.fileno())


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
