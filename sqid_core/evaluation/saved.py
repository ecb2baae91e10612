"""An evaluation kept in a file: the settings and every query's values, to be held against one that is made later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..types import Floats

FORMAT = "sqid-evaluation/1"
# Beyond this no evaluation is: a file that somebody names by mistake is not read into the memory.
_MOST_BYTES = 1_000_000_000
_SETTINGS = ("bundle", "fingerprint", "labels", "gains", "count", "unranked")


@dataclass(frozen=True, eq=False)
class SavedMethod:
    """A line of an evaluation. tested: whether a test of it means something (no random order, nothing in-sample).
    values: (Q,) of each measure, nan where undefined."""

    name: str
    tested: bool
    values: Mapping[str, Floats] = field(repr=False)


@dataclass(frozen=True, eq=False)
class SavedEvaluation:
    """settings: by name, `bundle`, `fingerprint`, `labels`, `gains`, `count` and `unranked`. made: when, in UTC.
    queries: (Q,) their ids, and texts: what they ask. where: for people, where it was read."""

    settings: Mapping[str, str]
    made: str
    version: str
    queries: Sequence[str] = field(repr=False)
    texts: Sequence[str] = field(repr=False)
    methods: Mapping[str, SavedMethod] = field(repr=False)
    where: str = "this evaluation"


def write_evaluation(path: Path, found: SavedEvaluation) -> None:
    """The file, whole or as it was before. Equal evaluations made at one time give equal bytes."""
    methods = [
        {"name": each.name, "tested": each.tested, "values": {name: _plain(v) for name, v in each.values.items()}}
        for each in found.methods.values()
    ]
    told = {
        "format": FORMAT,
        "made": found.made,
        "version": found.version,
        "settings": dict(found.settings),
        "queries": list(found.queries),
        "texts": list(found.texts),
        "methods": methods,
    }
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def read_evaluation(path: Path) -> SavedEvaluation:
    """What `write_evaluation` wrote. Raises InputError for anything else."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than any evaluation")
        told = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refused)
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        queries, texts = _words(told["queries"]), _words(told["texts"])
        if len(set(queries)) != len(queries) or len(texts) != len(queries):
            raise ValueError("its queries are not there once each, with a text each")
        methods = [_method(each, len(queries)) for each in told["methods"]]
        settings = {name: _word(told["settings"][name]) for name in _SETTINGS}
        made, version = _word(told["made"]), _word(told["version"])
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{path} is no saved evaluation: {why}; write one with: python -m precompute evaluate BUNDLE --save FILE"
        ) from None
    by_name = {each.name: each for each in methods}
    return SavedEvaluation(settings, made, version, queries, texts, by_name, str(path))


def _method(told: Any, count: int) -> SavedMethod:
    values = {_word(name): _numbers(found, count) for name, found in told["values"].items()}
    if not isinstance(told["tested"], bool):
        raise ValueError("a method is neither tested nor not")
    return SavedMethod(_word(told["name"]), told["tested"], values)


def _numbers(told: Any, count: int) -> Floats:
    good = isinstance(told, list) and len(told) == count
    if not good or not all(each is None or type(each) in (int, float) for each in told):
        raise ValueError(f"a measure must have a number or null for each of the {count:,} queries")
    values = np.array([np.nan if each is None else each for each in told], dtype=np.float64)
    if np.isinf(values).any():
        raise ValueError("a value is infinite")
    return values


def _words(told: Any) -> tuple[str, ...]:
    return tuple(_word(each) for each in told)


def _word(told: Any) -> str:
    if not isinstance(told, str):
        raise ValueError(f"{told!r} should be a text")
    return told


def _refused(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(each) else float(each) for each in values]
