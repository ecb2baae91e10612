"""Bundles that lie on the Hugging Face Hub as data sets: how they are named, and which one a folder was fetched as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .files_on_disk import replace_text
from .manifest import MANIFEST

PREFIX = "hf:"
_NAMED = re.compile(r"hf:([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([A-Za-z0-9][\w./-]*))?", re.ASCII)
# Beside the folder and hidden: what is in a bundle is its maker's.
_SOURCE = ".{}.source"


@dataclass(frozen=True)
class HubSet:
    """A data set of the hub at a revision: a branch, a tag or a commit. name: OWNER/NAME."""

    name: str
    revision: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.name}@{self.revision}"

    @property
    def folder(self) -> str:
        """The name of the folder that it is fetched to."""
        return self.name.partition("/")[2]


def hub_set_of(named: str) -> HubSet:
    """The data set of hf:OWNER/NAME or hf:OWNER/NAME@REVISION. Raises InputError for anything else."""
    found = _NAMED.fullmatch(named)
    if found is None or ".." in named:
        said = ascii(named[:200])[1:-1]
        raise InputError(f"{said} names no data set of the hub; expected hf:OWNER/NAME, or @REVISION behind it")
    return HubSet(found[1], found[2] or "main")


def source_of(bundle: Path) -> str:
    """The data set that the bundle in this folder was fetched as, "" where it was not, or none is there."""
    try:
        return _source_file(bundle).read_text("utf-8") if (bundle / MANIFEST).exists() else ""
    except (OSError, ValueError):
        return ""


def note_source(bundle: Path, hub_set: HubSet) -> None:
    """Writes down what the bundle in this folder was fetched as."""
    replace_text(_source_file(bundle), str(hub_set))


def _source_file(bundle: Path) -> Path:
    return bundle.with_name(_SOURCE.format(bundle.name))
