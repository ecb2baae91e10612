"""Saved evaluations: whole where two are compared, in short for all that a page lists."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.regressions import MethodChange, changes
from sqid_core.evaluation.saved import SavedEvaluation, read_evaluation
from sqid_core.evaluation.saved_means import InShort, in_short
from sqid_ui.caches.bundles import stamp
from sqid_ui.caches.jobs import job
from sqid_ui.caches.keys import Keyed, cached


def whole(path: Path) -> SavedEvaluation | str:
    """The evaluation in a file, or the sentence why it is none; read again where the file is another."""
    return _whole(known(path))


def shortened(path: Path) -> InShort | str:
    """The same in short."""
    return _shortened(known(path))


def known(path: Path) -> Keyed[Path]:
    """The file as caches know it."""
    return Keyed((str(path), stamp(path)), path)


def changed(shown: Dataset, files: Sequence[Keyed[SavedEvaluation]], measure: str) -> Future[list[MethodChange]]:
    """The changes of the methods between the first of two files and the second; raises InputError where these cannot be
    compared."""
    before, now = files
    what = "changes", before.key, now.key, measure
    return job(shown, what, lambda: changes(before.value, now.value, measure))


@cached(max_entries=4)
def _whole(file: Keyed[Path]) -> SavedEvaluation | str:
    try:
        return read_evaluation(file.value)
    except InputError as error:
        return str(error)


@cached(max_entries=512, spinner="Reading saved evaluations")
def _shortened(file: Keyed[Path]) -> InShort | str:
    found = _whole(file)
    return found if isinstance(found, str) else in_short(found)
