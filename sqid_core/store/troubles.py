"""What a database complains of, in a sentence: what, where, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from errno import EACCES, EDQUOT, ENOLCK, ENOSPC, ENOSYS, EOPNOTSUPP, EPERM, EROFS

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

BUSY = "{place} is busy: another program is writing to it; try again in a moment, nothing that was confirmed is lost"
_FULL = "the disk of {place} is full; free some of it, then try again: nothing that was confirmed is lost"
_READ_ONLY = (
    "{place} may not be written; check the rights of the file and its folder, and whether the disk is read-only"
)
_CLOSED = "{place} cannot be opened; check that its folder is there and may be written"
_NETWORK = (
    "SQLite cannot lock {place}, as happens on network file systems (NFS, SMB); set SQID_STATE to a folder on a disk "
    "of this machine, or SQID_DATABASE_URL to a PostgreSQL"
)
_LOCKED = (
    "{place} is locked: another program holds it, or it lies on a network file system (NFS, SMB), whose locks SQLite "
    "cannot use; close that program, set SQID_STATE to a folder on a disk of this machine, or SQID_DATABASE_URL to a "
    "PostgreSQL"
)
_DISK = (
    "the disk of {place} fails, or it is a network file system (NFS, SMB), which SQLite cannot use; set SQID_STATE to "
    "a folder on a sound disk of this machine, or SQID_DATABASE_URL to a PostgreSQL"
)
_DAMAGED = "{place} is damaged or no database; put a copy in its place, or move it away to begin anew"
_TABLES = "{place} lacks tables that were there; put a copy in its place, or start the program again to begin anew"
_UNREACHABLE = "{place} cannot be reached; check that it runs and that SQID_DATABASE_URL is right, then try again"
_REFUSED = "{place} lets nobody in with this name and password; check SQID_DATABASE_URL"
_MISSING = "{place} does not exist; create it, or check SQID_DATABASE_URL"
_RIGHTS = "{place} may not be changed with this name; grant it the right to create and write tables, or take another"

# The longest beginning of an error's name that is here counts. Names: sqlite.org/rescode.html.
_SQLITE: Mapping[str, str] = {
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_AUTH": _READ_ONLY,
    "SQLITE_CANTOPEN": _CLOSED,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_PROTOCOL": _NETWORK,
    "SQLITE_NOLFS": _NETWORK,
    "SQLITE_IOERR": _DISK,
    **dict.fromkeys(
        (f"SQLITE_IOERR_{part}" for part in ("LOCK", "RDLOCK", "UNLOCK", "CHECKRESERVEDLOCK", "BLOCKED", "SHM")),
        _NETWORK,
    ),
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_FORMAT": _DAMAGED,
}
# SQLSTATE: postgresql.org/docs/current/errcodes-appendix.html. The longest beginning counts.
_POSTGRES: Mapping[str, str] = {
    "08": _UNREACHABLE,
    "57": _UNREACHABLE,
    "53": BUSY,
    "53100": _FULL,
    "40": BUSY,
    "55": BUSY,
    "57014": BUSY,
    "25006": _READ_ONLY,
    "28": _REFUSED,
    "3D": _MISSING,
    "42501": _RIGHTS,
    "42P01": _TABLES,
}
# Of making the folder and of the lock beside the file.
_SYSTEM: Mapping[int, str] = {
    **dict.fromkeys((ENOSPC, EDQUOT), _FULL),
    **dict.fromkeys((EACCES, EPERM, EROFS), _READ_ONLY),
    **dict.fromkeys((ENOLCK, ENOSYS, EOPNOTSUPP), _NETWORK),
}
_SQLITE_WORDS = {"locking protocol": _NETWORK, "no such table": _TABLES, "database is locked": _LOCKED}


def sentence(error: BaseException, place: str) -> str:
    """What people are told. place: a file, or a database's name and host, never its password."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return (_by_code(said) or _by_words(str(said)) or _other(said)).format(place=place)


def _by_code(error: BaseException) -> str | None:
    name = getattr(error, "sqlite_errorname", None)
    if name:
        return _longest(_SQLITE, name)
    state = getattr(error, "sqlstate", None)
    if state:
        return _longest(_POSTGRES, state)
    if type(error).__module__.startswith("psycopg"):
        return _REFUSED if "authentication failed" in str(error) else _unreached(str(error))
    return None


def _longest(table: Mapping[str, str], code: str) -> str | None:
    fitting = [start for start in table if code.startswith(start)]
    return table[max(fitting, key=len)] if fitting else None


def _unreached(words: str) -> str:
    """libpq gives no code where connecting fails, only words."""
    return _MISSING if "does not exist" in words and "database" in words else _UNREACHABLE


def _by_words(words: str) -> str | None:
    return next((told for known, told in _SQLITE_WORDS.items() if known in words), None)


def _other(error: BaseException) -> str:
    if isinstance(error, TimeoutError | NoConnectionFree):
        return BUSY
    if isinstance(error, NotImplementedError):  # some versions of filelock, where flock is missing
        return _NETWORK
    if isinstance(error, OSError):
        return _SYSTEM.get(error.errno or 0, _CLOSED)
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].replace("{", "(").replace("}", ")")
    return f"{{place}} refused ({first}); check it, then try again: nothing that was confirmed is lost"
