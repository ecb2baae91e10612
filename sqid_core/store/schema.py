"""The tables' form: which one a database has, and how it comes to the newest, by Alembic's migrations beside this."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa

from ..errors import StoreError

FORMS = ("0001",)  # the migrations, the newest last
VERSIONS = "judging_schema"  # the table in which Alembic notes the form
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 5_318_008  # any number, but always the same: servers on one PostgreSQL upgrade one after another
_TURN = threading.Lock()  # Alembic keeps the migration that it runs in a global variable


def is_current(connection: sa.Connection, place: str) -> bool:
    """Whether nothing is left to do. Raises StoreError for a form that only a newer program knows."""
    found = _form(connection)
    if found is not None and found not in FORMS:
        raise StoreError(
            f"{place} was written by a newer SQID Explorer (its tables have the form {found[:40]}, the newest known "
            f"here is {FORMS[-1]}); update this program"
        )
    return found == FORMS[-1]


def upgrade(connection: sa.Connection, place: str) -> None:
    """Runs the migrations that are missing, in the caller's transaction, and one program at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if is_current(connection, place):
        return  # somebody else was first
    from alembic import command
    from alembic.config import Config

    configuration = Config(attributes={"connection": connection})
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _TURN:
        command.upgrade(configuration, "head")


def _form(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.execute(sa.text(f"SELECT version_num FROM {VERSIONS}")).scalar()
    return found
