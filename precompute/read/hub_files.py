"""Files of one's own that are a data set of the hub: fetched, then read like any folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from precompute.fetch.hub import fetch_hub_set, is_hub_set, matches
from precompute.fetch.retries import Patience
from precompute.read.formats.column_aliases import Role
from precompute.read.formats.recognised import FAMILIES, member
from precompute.read.own_tables import OwnFiles
from precompute.work.progress import Progress, quiet
from sqid_core.errors import InputError

PATIENCE = Patience()


def with_hub_files(files: OwnFiles, downloads: Path, progress: Progress = quiet) -> OwnFiles:
    """The same files, those that name a data set of the hub (hf:OWNER/NAME) fetched. Raises InputError."""
    products, queries, judgements = files.products, files.queries, files.judgements
    if is_hub_set(products):
        products = _fetched(products, downloads, ("products", "queries", "judgements"), progress)
    if queries is not None and is_hub_set(queries):
        queries = _member(_fetched(queries, downloads, ("queries",), progress), "queries")
    if judgements is not None and is_hub_set(judgements):
        judgements = _member(_fetched(judgements, downloads, ("judgements",), progress), "judgements")
    return replace(files, products=products, queries=queries, judgements=judgements)


def _fetched(named: Path, downloads: Path, roles: tuple[Role, ...], progress: Progress) -> Path:
    patterns = tuple(each for family in FAMILIES.values() for role in roles for each in family.members.get(role, ()))
    return fetch_hub_set(named, downloads, lambda path: matches(path, patterns), PATIENCE, progress)


def _member(folder: Path, role: Role) -> Path:
    for name, family in FAMILIES.items():
        if family.members and (found := member(folder, role, name)) is not None:
            return found
    raise InputError(f"{folder} has no file of {role} as BEIR, MTEB or WANDS have them; name one with --{role}")
