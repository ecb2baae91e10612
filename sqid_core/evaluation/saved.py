"""An evaluation kept in a file: the settings and every query's values, to be held against one that is made later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from ..errors import InputError
from ..types import Floats
from ..wording import numbered

FORMAT = "sqid-evaluation/1"
# Beyond this no evaluation is: a file that somebody names by mistake is not read into the memory.
MOST_BYTES = 1_000_000_000
_MOST_METHODS, _LARGEST = 1_000, 1e12
# The last label that counts as relevant; older files do not say it.
RELEVANT = "relevant"
_SETTINGS = ("bundle", "fingerprint", "labels", "gains", "count", "unranked")


@dataclass(frozen=True, eq=False)
class SavedMethod:
    """A line of an evaluation. tested: whether a test of it means something (no random order, nothing in-sample).
    values: (Q,) of each measure, nan where undefined. run: its ranking as a link has it, "" where it is none."""

    name: str
    tested: bool
    values: Mapping[str, Floats] = field(repr=False)
    run: str = ""


@dataclass(frozen=True, eq=False)
class SavedEvaluation:
    """settings: by name, `bundle`, `fingerprint`, `labels`, `gains`, `count`, `unranked` and `relevant`, the last label
    that counts as relevant ("" where an older file does not say). made: when, in UTC. queries: (Q,) their ids, and
    texts: what they ask. where: for people, where it was read. traffic: (Q,) how much each query counts, None where one
    counts like another. chosen: whether the labels are (`claims`)."""

    settings: Mapping[str, str]
    made: str
    version: str
    queries: Sequence[str] = field(repr=False)
    texts: Sequence[str] = field(repr=False)
    methods: Mapping[str, SavedMethod] = field(repr=False)
    where: str = "this evaluation"
    traffic: Floats | None = field(default=None, repr=False)
    chosen: bool = False

    @property
    def when(self) -> datetime:
        """When it was made; without a zone that is UTC."""
        found = datetime.fromisoformat(self.made)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def write_evaluation(path: Path, found: SavedEvaluation) -> None:
    """The file, whole or as it was before, in a folder that may be new. Equal evaluations made at one time give equal
    bytes."""
    methods = [
        {"name": each.name, "tested": each.tested, "values": {name: _plain(v) for name, v in each.values.items()}}
        | ({"run": each.run} if each.run else {})
        for each in found.methods.values()
    ]
    told = {
        "format": FORMAT,
        "made": found.made,
        "version": found.version,
        "settings": dict(found.settings),
        "chosen": found.chosen,
        "queries": list(found.queries),
        "texts": list(found.texts),
        "methods": methods,
    } | ({} if found.traffic is None else {"traffic": _plain(found.traffic)})
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(exist_ok=True)
        partial.write_text(json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def read_evaluation(path: Path) -> SavedEvaluation:
    """What `write_evaluation` wrote. Raises InputError for anything else."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(_refusal(str(path), "it is larger than any evaluation"))
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    return parsed_evaluation(body, str(path))


def parsed_evaluation(body: bytes, where: str) -> SavedEvaluation:
    """The evaluation that a file's bytes hold. where: the file, for people. Raises InputError for anything else."""
    try:
        told = msgspec.json.decode(body, type=_Told)
        if told.format != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        if len(set(told.queries)) != len(told.queries) or len(told.texts) != len(told.queries):
            raise ValueError("its queries are not there once each, with a text each")
        if lacking := [name for name in _SETTINGS if name not in told.settings]:
            raise ValueError(f"it has no {lacking[0]!r}")
        if len({each.name for each in told.methods}) != len(told.methods):
            raise ValueError("a method is there twice")
        if len(told.methods) > _MOST_METHODS:
            raise ValueError(f"it has more than {_MOST_METHODS:,} methods")
        found = SavedEvaluation(
            {RELEVANT: ""} | told.settings,
            told.made,
            told.version,
            tuple(told.queries),
            tuple(told.texts),
            {each.name: _method(each, len(told.queries)) for each in told.methods},
            where,
            None if told.traffic is None else _weights(told.traffic, len(told.queries)),
            # An older file says nothing of labels other than the published ones: then nothing is claimed.
            told.settings["labels"] != "published" if told.chosen is None else told.chosen,
        )
        _ = found.when  # a time that is none is refused
        return found
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(_refusal(where, str(error))) from None


def _refusal(where: str, why: str) -> str:
    return f"{where} is no saved evaluation: {why}; write one with: python -m precompute evaluate BUNDLE --save FILE"


class _ToldMethod(msgspec.Struct):
    name: str
    tested: bool
    values: dict[str, list[float | None]]
    run: str = ""


class _Told(msgspec.Struct):
    """The file as it is written."""

    format: str
    made: str
    version: str
    settings: dict[str, str]
    queries: list[str]
    texts: list[str]
    methods: list[_ToldMethod]
    chosen: bool | None = None
    traffic: list[float] | None = None


def _method(told: _ToldMethod, count: int) -> SavedMethod:
    return SavedMethod(told.name, told.tested, {name: _numbers(v, count) for name, v in told.values.items()}, told.run)


def _numbers(told: Sequence[float | None], count: int) -> Floats:
    if len(told) != count:
        raise ValueError(f"a measure has {numbered(len(told), 'values')} for {numbered(count, 'queries')}")
    values = np.array(told, dtype=np.float64)
    if (np.abs(values) > _LARGEST).any():
        raise ValueError("a value is larger than any measure or weight")
    return values


def _weights(told: Sequence[float], count: int) -> Floats:
    values = _numbers(told, count)
    if not ((values >= 0).all() and (values > 0).any()):
        raise ValueError("queries count by weights of 0 or more, one of them above 0")
    return values


def _plain(values: Floats) -> list[float | None]:
    return [None if np.isnan(each) else float(each) for each in values]
