"""One database: its connections, its transactions, and opening it anew where it went away."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from filelock import Timeout as StillLocked
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ..errors import InputError, SqidError, StoreError
from .schema import is_current, upgrade
from .sql_tables import counter
from .state_folder import refuse_bundles
from .troubles import BUSY, sentence

PATIENCE = 15  # seconds that somebody waits for others who write
# A server that was stopped in the midst of writing must not hold up the others for longer.
_POSTGRES: dict[str, str | int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": PATIENCE * 1000,
}
_OPTIONS = f"-c lock_timeout={PATIENCE}s -c idle_in_transaction_session_timeout={2 * PATIENCE}s"


def database_of(url: str) -> Database:
    """The database at a URL. Raises StoreError for anything but SQLite in a file and PostgreSQL."""
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError("the database's URL cannot be read; postgresql://user:password@host/name is one") from error
    kind = parsed.drivername.partition("+")[0]
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:":
        return database_in(Path(parsed.database))
    if kind in ("postgresql", "postgres"):
        return Database(parsed.set(drivername="postgresql+psycopg"))
    raise StoreError(f"judgements are kept in SQLite (in a file) or PostgreSQL, got a URL of {kind}")


def database_in(file: Path) -> Database:
    """SQLite in a file, by its whole path: the working directory may change. Raises StoreError inside a bundle."""
    refuse_bundles(file.parent)
    whole = file.absolute()
    return Database(sa.URL.create("sqlite", database=str(whole)), whole)


class Database:
    """Gives transactions. Opens at the first use: makes the file, and brings the tables to the newest form.

    file: where SQLite has it; None for PostgreSQL. Whatever fails comes out as StoreError, one sentence, and the next
    use begins with opening again.
    """

    def __init__(self, url: sa.URL, file: Path | None = None) -> None:
        self._file = file
        self._place = str(file) if file else f"the database {url.database or '?'} on {url.host or 'this machine'}"
        self._engine = _postgres_engine(url) if file is None else _sqlite_engine(url)
        self._opening = threading.Lock()
        self._turn = threading.Lock()  # SQLite's own waiting is neither fair nor quick
        self._opened: object = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that only reads."""
        with self._told():
            self._open()
            with self._engine.connect() as connection, connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[tuple[sa.Connection, int]]:
        """A transaction that nobody else's writing overlaps, and the seq of the last act."""
        with self._told():
            self._open()
            if not self._turn.acquire(timeout=2 * PATIENCE):
                raise StoreError(BUSY.format(place=self._place))
            try:
                with self._beginning("BEGIN IMMEDIATE") as connection, connection.begin():
                    yield connection, connection.execute(_LAST).scalar_one()
            finally:
                self._turn.release()

    def erase(self) -> None:
        """Takes what was overwritten out of SQLite's log too. PostgreSQL does so by itself, in its own time."""
        if self._file is not None:
            with self._told(), self._beginning("") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _beginning(self, statement: str) -> sa.Connection:
        """A connection to SQLite whose transaction begins so; "": it has none."""
        return self._engine.connect().execution_options(begin=statement)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SqidError:
            raise
        except UnicodeError as error:
            raise InputError("a text is not UTF-8 and cannot be stored; type it again") from error
        except (sa.exc.DataError, OverflowError) as error:
            raise InputError("a text or a number is none that a database holds; type it again") from error
        except (SQLAlchemyError, OSError, NotImplementedError, StillLocked) as error:
            self._opened = None
            raise StoreError(sentence(error, self._place)) from error

    def _open(self) -> None:
        identity = _identity(self._file)
        if self._opened is not None and self._opened == identity:
            return
        with self._opening:
            self._engine.dispose()  # connections to a file that is no longer there
            if self._file is not None:
                self._open_file(self._file)
            else:
                self._bring_up_to_date()
            self._opened = _identity(self._file)

    def _open_file(self, file: Path) -> None:
        if file.exists() and self._current():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_name(f"{file.name}.lock"), timeout=PATIENCE):
            with self._beginning("") as connection:
                mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one()
            if mode != "wal":
                raise StoreError(sentence(OSError("locking protocol"), self._place))
            self._bring_up_to_date()

    def _current(self) -> bool:
        with self._engine.connect() as connection, connection.begin():
            return is_current(connection, self._place)

    def _bring_up_to_date(self) -> None:
        if self._current():
            return
        with self._beginning("BEGIN IMMEDIATE") as connection, connection.begin():
            upgrade(connection, self._place)


_LAST = sa.select(counter.c.last).with_for_update()


def _identity(file: Path | None) -> object:
    """What changes where a file is replaced; None where there is none."""
    if file is None:
        return "always"
    try:
        found = os.stat(file)  # noqa: PTH116 (a Path's own takes twice as long, and this is done for every act)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _postgres_engine(url: sa.URL) -> sa.Engine:
    given = url.query.get("options", "")
    ours = {name: value for name, value in _POSTGRES.items() if name not in url.query}
    ours["options"] = " ".join([_OPTIONS, *([given] if isinstance(given, str) else given)])
    return sa.create_engine(url, connect_args=ours, pool_pre_ping=True, hide_parameters=True, max_overflow=20)


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    connecting = {"timeout": PATIENCE, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=connecting, hide_parameters=True, max_overflow=20)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Python's own BEGIN comes too late
    # FULL: what was confirmed is on the disk, also where the power fails. secure_delete: what is forgotten is gone.
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)
