"""Where a store comes from: a URL, a state folder, or the environment. SQLAlchemy is imported here first, or missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..errors import InputError, StoreError
from ..extras import needs
from ..judging.store import Store

URL, FOLDER = "SQID_DATABASE_URL", "SQID_STATE"
DEFAULT_FOLDER = "state"
FILE = "judgements.sqlite"


def store_of(environment: Mapping[str, str]) -> Store:
    """The store that the environment names: SQID_DATABASE_URL, else SQLite under SQID_STATE, else under `state`.

    See `open_store`.
    """
    url = environment.get(URL, "").strip()
    return open_store(url or Path(environment.get(FOLDER) or DEFAULT_FOLDER))


def open_store(place: str | Path) -> Store:
    """The store at a URL (sqlite:///… or postgresql://…) or in a state folder, which is made where it is missing.

    Nothing is opened yet: that happens at the first use, and anew at each use after one that failed. So a store may
    be kept for as long as the program runs. Raises StoreError for a place where there can be none.
    """
    if isinstance(place, Path) or "://" not in place:
        _refuse_bundles(Path(place))
    try:
        needs("judge", "sqlalchemy")
        needs("judge", "alembic")
    except InputError as missing:
        raise StoreError(str(missing)) from missing
    from .database import database_in, database_of
    from .sql_store import SqlStore

    if isinstance(place, Path) or "://" not in place:
        return SqlStore(database_in(Path(place) / FILE))
    return SqlStore(database_of(place))


def _refuse_bundles(folder: Path) -> None:
    """A bundle is made anew, copied and replaced as a whole: what is kept in it would go with it."""
    whole = folder.resolve()
    for candidate in (whole, *whole.parents):
        if _is_bundle(candidate):
            raise StoreError(f"{folder} lies in the bundle {candidate.name}; set {FOLDER} to a folder outside bundles")


def _is_bundle(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "fingerprint" in manifest
