"""A database that an older program made is brought to the newest form, with all that is in it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from judged import act, book, pairs

from sqid_core.errors import StoreError
from sqid_core.judging.store import Judge, Store
from sqid_core.store import database, schema
from sqid_core.store.opening import open_store
from sqid_core.store.sql_tables import metadata
from sqid_core.store.state_folder import FILE

CASES = Path(__file__).parent / "cases"
NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "next", {last!r}

def upgrade():
    op.add_column("judging_judges", sa.Column("colour", sa.Text, nullable=False, server_default="grey"))
    {then}
"""


@pytest.fixture
def oldest(place: Path | str) -> Path | str:
    """A database as the first form left it, filled by the program of that time."""
    if isinstance(place, Path):
        place.mkdir()
        with sqlite3.connect(place / FILE) as connection:
            connection.executescript((CASES / "form_0001_sqlite.sql").read_text(encoding="utf-8"))
        connection.close()
        return place
    with _engine(place).begin() as connection:
        connection.exec_driver_sql((CASES / "form_0001_postgresql.sql").read_text(encoding="utf-8"))
    return place


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A form after the newest, as the next program will have it: the file of its migration."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(schema, "FORMS", (*schema.FORMS, "next"))
    file = folder / "versions" / "v9999_next.py"
    file.write_text(NEXT.format(last=schema.FORMS[-2], then="pass"), encoding="utf-8")
    return file


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))


def _database(place: Path | str) -> database.Database:
    return database.database_in(place / FILE) if isinstance(place, Path) else database.database_of(place)


def holds_all(store: Store) -> None:
    """What the cases were filled with."""
    ann, bob, model = store.judges().values()
    assert ann == store.judge_of("Ann's secret") == Judge("a11ce0000001", "Ann")
    assert bob == store.judge_of("Bob's secret") == Judge("b0b000000002", 'Bob "<b>" שלום', role="lead")
    assert model == store.model_judge("model", {"prompt": "abc"})
    assert store.books("demo") == [book()]
    pd.testing.assert_frame_equal(store.pairs("b"), pairs(3))
    found = store.acts("demo")
    assert list(found["key"]) == ["a1", "a2", "b1", "a3"]
    assert list(found["judge"]) == [ann.id, ann.id, bob.id, ann.id]
    assert list(found["book"]) == ["", "b", "b", ""]
    assert list(found["fingerprint"]) == ["f1", "f1", "f2", "f2"]
    assert found["value"][1] == "it's a “note”"
    assert set(found["time"]) == {pd.Timestamp(1_790_000_000_123_456, unit="us", tz="UTC")}
    assert found["seconds"].to_list()[1:2] == [2.5]
    assert list(found["showing"]) == [1, 1, 2, 1]
    assert store.version("demo") == 4


def goes_on(store: Store) -> None:
    """Everything can be written on top."""
    told = store.add([act("a1"), act("new", book="b")], "a11ce0000001", "demo", "f")
    assert (told.seq, told.confirmed) == (5, ("a1", "new"))
    store.create_book(book("c", name="new"), pairs(1))
    assert [one.id for one in store.books("demo")] == ["b", "c"]
    new = store.enrol("new secret", "New")
    assert list(store.judges().values())[3:] == [new]
    assert store.redeem(store.lead_code(), "a11ce0000001")


def test_the_first_form_opens_today(oldest: Path | str) -> None:
    store = open_store(oldest)
    holds_all(store)
    goes_on(store)


def test_the_first_form_opens_after_one_more_migration(oldest: Path | str, following: Path) -> None:
    store = open_store(oldest)
    holds_all(store)
    with _database(oldest).reading() as connection:
        assert set(connection.exec_driver_sql("SELECT colour FROM judging_judges").scalars()) == {"grey"}
    goes_on(store)


def test_an_older_program_leaves_a_newer_form_alone(
    oldest: Path | str, following: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds_all(open_store(oldest))
    monkeypatch.setattr(schema, "FORMS", schema.FORMS[:-1])
    with pytest.raises(StoreError, match="newer SQID Explorer"):
        open_store(oldest).add([act("k")], "a11ce0000001", "demo", "f")


def test_a_migration_that_fails_half_way_changes_nothing(oldest: Path | str, following: Path) -> None:
    whole = following.read_text(encoding="utf-8")
    following.write_text(whole.replace("pass", 'op.execute("SELECT * FROM nothing")'), encoding="utf-8")
    store = open_store(oldest)
    for _ in range(2):
        with pytest.raises(StoreError):
            store.judges()
    following.write_text(whole, encoding="utf-8")
    holds_all(store)


def test_servers_that_upgrade_at_once(oldest: Path | str, following: Path) -> None:
    stores, failed = [open_store(oldest) for _ in range(4)], []

    def use(store: Store) -> None:
        try:
            holds_all(store)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=use, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_the_tables_are_what_the_migrations_make(store: Store, place: Path | str) -> None:
    assert store.judges() == {}
    with _database(place).reading() as connection:
        options = {"version_table": schema.VERSIONS, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_the_forms_are_the_migrations() -> None:
    known = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert tuple(one.revision for one in known)[::-1] == schema.FORMS
