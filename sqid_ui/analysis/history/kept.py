"""The saved evaluations that a visitor sees: those of a folder beside the bundles, and uploads of this visit."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from sqid_core.errors import InputError
from sqid_core.evaluation.saved import SavedEvaluation, parsed_evaluation
from sqid_core.evaluation.saved_means import InShort, in_short
from sqid_core.wording import counted, short
from sqid_ui.caches import saved_evaluations
from sqid_ui.login.configured import login_settings
from sqid_ui.login.who import person_here
from sqid_ui.parts.markup import plain
from sqid_ui.parts.uploaded import uploader
from sqid_ui.shell.bundles import MANIFEST, data_root, for_visitors, names_for

FOLDER = "evaluations"
# Of the folder, the latest; a page is no archive.
MOST_FILES = 100
MOST_MEGABYTES = 24
# All uploads of a visit, once they are read.
_MOST_UPLOADS, _MOST_KEPT = 8, 64 * 2**20
_UPLOADS, _PROBLEM = "uploaded evaluations", "uploaded evaluations problem"


@dataclass(frozen=True, eq=False)
class SavedFile:
    """A saved evaluation in short. name: of the file, in links too. key: equal for equal files. whole: reads all of it,
    or says why it cannot."""

    name: str
    key: Hashable
    short: InShort
    whole: Callable[[], SavedEvaluation | str] = field(repr=False)
    uploaded: bool = False


def kept() -> tuple[list[SavedFile], list[str]]:
    """All that there are, the latest first, and a sentence for each file that is none."""
    found, faults = _of_folder()
    names = {each.name for each in found}
    uploads: tuple[SavedFile, ...] = st.session_state.get(_UPLOADS, ())
    found += [each for each in uploads if each.name not in names]
    return sorted(found, key=lambda each: (each.short.when, each.name), reverse=True), faults


def _of_folder() -> tuple[list[SavedFile], list[str]]:
    found, faults = [], []
    may_read = names_for(person_here(), data_root())
    for path in _files(data_root() / FOLDER):
        read = saved_evaluations.shortened(path)
        if isinstance(read, str):
            # Of which bundle it is stands inside: where there is a login, its name is nobody's.
            faults += [] if login_settings() else [for_visitors(InputError(read))]
        elif may_read(read.settings["bundle"]):
            name = path.stem
            found.append(
                SavedFile(name, saved_evaluations.known(path).key, replace(read, where=name), partial(_whole, path))
            )
    return found, faults


def _whole(path: Path) -> SavedEvaluation | str:
    found = saved_evaluations.whole(path)
    return found if isinstance(found, str) else replace(found, where=path.stem)


def _files(folder: Path) -> list[Path]:
    """The latest evaluations of a folder: plain files with a name that can be shown. Raises nothing."""
    try:
        names = sorted(folder.glob("*.json"))
        if (folder / MANIFEST).exists():  # a bundle that somebody called so
            return []
        about = [(path.stat(), path) for path in names if path.name.isprintable() and not path.name.startswith(".")]
    except (OSError, ValueError):
        return []
    # Opening a pipe would wait for ever.
    plain = [(each.st_mtime_ns, path) for each, path in about if stat.S_ISREG(each.st_mode)]
    return [path for _, path in sorted(plain)[-MOST_FILES:]]


def upload() -> None:
    """The uploader, what became of the last file, and a way to forget all of them."""
    uploader(
        "Look at a file from elsewhere",
        "evaluation",
        _taken,
        type="json",
        max_upload_size=MOST_MEGABYTES,
        help=f"What `evaluate --save` wrote, up to {MOST_MEGABYTES} MB. It is kept for this visit only.",
    )
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/broken_image:")
    if st.session_state.get(_UPLOADS):
        st.button("Forget the uploads", type="tertiary", icon=":material/close:", on_click=_forget)


def _forget() -> None:
    st.session_state[_UPLOADS], st.session_state[_PROBLEM] = (), None


def _taken(file: str, body: bytes) -> None:
    st.session_state[_PROBLEM] = None
    uploads: tuple[SavedFile, ...] = st.session_state.get(_UPLOADS, ())
    name = short(Path(file).stem if Path(file).stem.isprintable() else ascii(Path(file).stem), 60)
    others = tuple(each for each in uploads if each.name != name)
    try:
        st.session_state[_UPLOADS] = (*others, _read(name, body, others))
    except InputError as error:
        st.session_state[_PROBLEM] = f"{plain(str(error))}."


def _read(name: str, body: bytes, others: tuple[SavedFile, ...]) -> SavedFile:
    if len(body) > MOST_MEGABYTES * 2**20:
        raise InputError(f"{name} has {len(body) / 2**20:.0f} MB; at most {MOST_MEGABYTES} MB are read")
    if len(others) >= _MOST_UPLOADS:
        raise InputError(f"{counted(_MOST_UPLOADS, 'upload is', 'uploads are')} kept at a time; forget them first")
    found = parsed_evaluation(body, name)
    held = [each.whole() for each in others]
    size = sum(_bytes(each) for each in [*held, found] if not isinstance(each, str))
    if size > _MOST_KEPT:
        raise InputError(f"the uploads would take {size / 2**20:.0f} MB of memory; forget the others first")
    digest = hashlib.sha256(body).hexdigest()
    return SavedFile(name, (digest, name), in_short(found), lambda: found, uploaded=True)


def _bytes(found: SavedEvaluation) -> int:
    values = [values for each in found.methods.values() for values in each.values.values()]
    return int(np.sum([each.nbytes for each in values])) + 100 * len(found.queries)
