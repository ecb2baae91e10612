"""The server's log as a JSON object a line, for machines that read it; what people typed is in it only if asked for.

SQID_LOG=json turns it on. SQID_LOG_QUERIES=on adds what was typed, and the words of errors, which may repeat it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

_OURS = ("sqid_ui", "sqid_core")


class JsonLines(logging.Formatter):
    """time, level, logger, message, and what `extra={"fields": {...}}` adds. `extra={"asked": {...}}` holds what
    somebody typed: it is written only where with_queries."""

    def __init__(self, with_queries: bool = False) -> None:
        super().__init__()
        self._with_queries = with_queries

    def format(self, record: logging.LogRecord) -> str:
        """One line: JSON writes what would break it as escapes."""
        asked = dict(getattr(record, "asked", {})) if self._with_queries else {}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **dict(getattr(record, "fields", {})),
            **asked,
            **(self._raised(record.exc_info) if record.exc_info else {}),
        }
        return json.dumps(line, default=str)

    def _raised(self, about: Any) -> dict[str, Any]:
        """What was raised and where. Its words may hold what somebody typed."""
        kind, error, trace = about
        if kind is None:
            return {}
        lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return {"error": kind.__name__, "at": lines} | ({"says": str(error)} if self._with_queries else {})


def log_lines(environment: Mapping[str, str] = os.environ, stream: TextIO | None = None) -> bool:
    """Turns the log into lines where SQID_LOG asks for them; whether it did. Called once the server's modules are
    imported: Streamlit gives each of its loggers a handler of its own."""
    if environment.get("SQID_LOG", "").strip().lower() != "json":
        return False
    lines = JsonLines(environment.get("SQID_LOG_QUERIES", "").strip().lower() in ("on", "1", "yes", "true"))
    ours = logging.StreamHandler(stream or sys.stderr)
    ours.setFormatter(lines)
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [ours], False
        logger.setLevel(logging.INFO)
    for logger in [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]:
        for handler in logger.handlers:
            handler.setFormatter(lines)
    return True
