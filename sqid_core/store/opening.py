"""Where a store comes from: a URL, a state folder, or the environment. SQLAlchemy is imported here first, or missed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import InputError, StoreError
from ..extras import needs
from ..judging.store import Store
from .state_folder import DEFAULT, FILE, FOLDER

URL = "SQID_DATABASE_URL"


def place_of(environment: Mapping[str, str]) -> str:
    """Where the environment's store is: the URL, or the path of the state folder. Tells one store from another."""
    return environment.get(URL, "").strip() or str(_folder(environment).absolute())


def is_made(environment: Mapping[str, str]) -> bool:
    """Whether a store was made there: a database is taken to be, and not asked."""
    return bool(environment.get(URL, "").strip()) or (_folder(environment) / FILE).exists()


def _folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get(FOLDER) or DEFAULT)


def store_of(environment: Mapping[str, str]) -> Store:
    """The store that the environment names: SQID_DATABASE_URL, else SQLite under SQID_STATE, else under `state`.

    See `open_store`.
    """
    url = environment.get(URL, "").strip()
    return open_store(url or _folder(environment))


def open_store(place: str | Path) -> Store:
    """The store at a URL (a text: sqlite:///… or postgresql://…) or in a state folder, made where it is missing.

    Nothing is opened yet: that happens at the first use, and anew at each use after one that failed. So a store may
    be kept for as long as the program runs. Raises StoreError for a place where there can be none.
    """
    try:
        needs("judge", "sqlalchemy")
        needs("judge", "alembic")
    except InputError as missing:
        raise StoreError(str(missing)) from missing
    from .database import database_in, database_of
    from .sql_store import SqlStore

    return SqlStore(database_in(place / FILE) if isinstance(place, Path) else database_of(place))
