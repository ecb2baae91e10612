"""What goes wrong with a database: one sentence, nothing lost, and it works again when the cause is gone."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from judged import act, book, pairs
from postgres_server import Cluster

from sqid_core.errors import StoreError
from sqid_core.judging.store import Judge, Store
from sqid_core.store import database
from sqid_core.store.opening import open_store, store_of
from sqid_core.store.state_folder import FILE
from sqid_core.store.troubles import sentence


def told(work: Callable[[], object]) -> str:
    """The sentence in which something fails."""
    with pytest.raises(StoreError) as failed:
        work()
    said = str(failed.value)
    assert "\n" not in said
    assert "Error" not in said
    assert len(said) < 400
    return said


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB in memory; skipped where the tests may not mount one."""
    where = tmp_path / "disk"
    where.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(where)], capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield where
    subprocess.run(["umount", "--lazy", str(where)], check=True)


def test_a_full_disk_loses_nothing_that_was_confirmed(small_disk: Path) -> None:
    store = open_store(small_disk)
    ann = store.enrol("secret", "Ann")
    confirmed: list[str] = []

    def fill() -> None:
        for number in range(1, 1000):
            key = f"k{number}"
            store.add([act(key, "note", value="x" * 10_000, number=number)], ann.id, "demo", "f")
            confirmed.append(key)

    assert "is full" in told(fill)
    assert len(confirmed) > 5
    assert list(store.acts("demo")["key"]) == confirmed
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert store.add([act("then")], ann.id, "demo", "f").confirmed == ("then",)
    assert list(store.acts("demo")["key"]) == [*confirmed, "then"]


def test_a_disk_that_was_full_from_the_start(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 4096))
    store = open_store(small_disk)
    assert "is full" in told(lambda: store.enrol("secret", "Ann"))
    (small_disk / "filler").unlink()
    assert store.enrol("secret", "Ann").name == "Ann"


@contextmanager
def nobody() -> Iterator[None]:
    """The rights of somebody who is not root, if the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, as pytest's own may not be."""
    folder = Path(tempfile.mkdtemp(prefix="sqid-state-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_folder_without_the_right_to_write(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    store = open_store(open_folder)
    with nobody():
        assert "rights" in told(store.judges)
        assert "rights" in told(open_store(open_folder / "new").judges)
    open_folder.chmod(0o777)
    with nobody():
        assert store.enrol("secret", "Ann").name == "Ann"


def test_a_database_without_the_right_to_write(open_folder: Path) -> None:
    ann = open_store(open_folder).enrol("secret", "Ann")
    gc.collect()  # the last connection takes the log away
    (open_folder / FILE).chmod(0o444)
    open_folder.chmod(0o555)
    store = open_store(open_folder)
    with nobody():
        said = told(lambda: store.add([act("k")], ann.id, "demo", "f"))
        assert "may not be written" in said or "may be written" in said
    (open_folder / FILE).chmod(0o666)
    open_folder.chmod(0o777)
    with nobody():
        assert store.add([act("k")], ann.id, "demo", "f").confirmed == ("k",)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be opened" in told(lambda: open_store(tmp_path / "file" / "state").judges())


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_a_file_that_is_no_database(state: Path, content: bytes) -> None:
    state.mkdir()
    (state / FILE).write_bytes(content)
    store = open_store(state)
    assert "damaged or no database" in told(store.judges)
    assert (state / FILE).read_bytes() == content
    (state / FILE).unlink()
    assert store.judges() == {}


def test_a_database_of_a_newer_program(store: Store, place: Path | str) -> None:
    store.enrol("secret", "Ann")
    opened = database.database_in(place / FILE) if isinstance(place, Path) else database.database_of(place)
    with opened.writing() as (connection, _):
        connection.exec_driver_sql("UPDATE judging_schema SET version_num = '9999'")
    assert "newer SQID Explorer" in told(open_store(place).judges)
    with opened.writing() as (connection, _):
        connection.exec_driver_sql("UPDATE judging_schema SET version_num = '0001'")
    assert [judge.name for judge in open_store(place).judges().values()] == ["Ann"]


def test_a_database_that_went_away_and_began_anew(store: Store, place: Path | str, ann: Judge) -> None:
    if isinstance(place, Path):
        shutil.rmtree(place)
    else:
        with database.database_of(place).writing() as (connection, _):
            for table in ("acts", "pairs", "books", "lead_codes", "judges", "counter", "schema"):
                connection.exec_driver_sql(f"DROP TABLE judging_{table}")
        assert "lacks tables" in told(store.judges)
    assert store.judges() == {}
    assert store.enrol("secret", "Ann").id != ann.id


def test_somebody_else_who_writes_for_long(store: Store, place: Path | str, ann: Judge, monkeypatch: Any) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    monkeypatch.setattr(database, "_OPTIONS", "-c lock_timeout=200ms")
    other = open_store(place)
    assert other.judges()
    opened = database.database_in(place / FILE) if isinstance(place, Path) else database.database_of(place)
    with opened.writing():
        said = told(lambda: other.add([act("k")], ann.id, "demo", "f"))
        assert "locked" in said or "busy" in said
        assert len(other.acts("demo")) == 0  # who reads does not wait
    assert other.add([act("k")], ann.id, "demo", "f").confirmed == ("k",)


def test_a_server_that_stops_and_comes_back(own_cluster: Cluster) -> None:
    store = open_store(own_cluster.url)
    ann = store.enrol("secret", "Ann")
    store.add([act("k")], ann.id, "demo", "f")
    own_cluster.stop()
    assert "cannot be reached" in told(lambda: store.add([act("l")], ann.id, "demo", "f"))
    assert "cannot be reached" in told(open_store(own_cluster.url).judges)
    own_cluster.start()
    assert store.add([act("k"), act("l")], ann.id, "demo", "f").seq == 2
    assert list(store.acts("demo")["key"]) == ["k", "l"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:hidden@127.0.0.1:1/db", "the database db on 127.0.0.1 cannot be reached"),
        ("mysql://ann:hidden@host/db", "got a URL of mysql"),
        ("sqlite://", "got a URL of sqlite"),
        ("sqlite:///:memory:", "got a URL of sqlite"),
        ("postgresql", "cannot be read"),
        ("postgresql://ann:hidden@host:port/db", "cannot be read"),
    ],
)
def test_urls_that_lead_nowhere_tell_no_password(url: str, said: str) -> None:
    sentence_ = told(lambda: store_of({"SQID_DATABASE_URL": url}).judges())
    assert said in sentence_
    assert "hidden" not in sentence_


def test_a_database_that_is_missing(postgres: str) -> None:
    url = sa.make_url(postgres).set(database="no_such_database").render_as_string(hide_password=False)
    assert "does not exist" in told(open_store(url).judges)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("SQLITE_PROTOCOL", "network file systems"),
        ("SQLITE_IOERR_LOCK", "network file systems"),
        ("SQLITE_IOERR_SHMMAP", "network file systems"),
        ("SQLITE_IOERR_SHMLOCK", "network file systems"),
        ("SQLITE_IOERR_WRITE", "network file system"),
        ("SQLITE_BUSY", "network file system"),
        ("SQLITE_BUSY_RECOVERY", "network file system"),
        ("SQLITE_READONLY_DIRECTORY", "may not be written"),
        ("SQLITE_CORRUPT_INDEX", "damaged"),
        ("SQLITE_FULL", "is full"),
    ],
)
def test_what_sqlite_says_is_known_by_its_code(name: str, part: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    assert part in sentence(error, "state/x")


@pytest.mark.parametrize("words", ["locking protocol", "database is locked"])
def test_what_sqlite_says_is_known_by_its_words_too(words: str) -> None:
    assert "network file system" in sentence(sqlite3.OperationalError(words), "state/x")


def test_words_that_nobody_knows_are_shown_in_a_line() -> None:
    said = sentence(sqlite3.OperationalError("first {x}\nsecond"), "state/x")
    assert said == "state/x refused (first (x)); check it, then try again: nothing that was confirmed is lost"


def test_threads_that_open_at_once(place: Path | str) -> None:
    store = open_store(place)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(store.enrol("secret", "Ann").id)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10
    assert len(set(found)) == 1


def test_the_app_never_keeps_judgements_in_a_bundle(tiny_bundle: Path) -> None:
    for inside in (tiny_bundle, tiny_bundle / "state", tiny_bundle / "images" / "x"):
        assert "lies in the bundle" in told(lambda inside=inside: store_of({"SQID_STATE": str(inside)}))  # type: ignore[misc]
        assert "lies in the bundle" in told(lambda inside=inside: open_store(f"sqlite:///{inside}/db"))  # type: ignore[misc]
    assert not (tiny_bundle / "state").exists()


def test_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept = store_of({})
    monkeypatch.chdir("/")
    kept.create_book(book(), pairs(1))
    assert (tmp_path / "state" / FILE).exists()
    store_of({"SQID_STATE": str(tmp_path / "other"), "SQID_DATABASE_URL": " "}).judges()
    assert (tmp_path / "other" / FILE).exists()
    assert store_of({"SQID_DATABASE_URL": f"sqlite:///{tmp_path}/state/{FILE}"}).book("b") == book()
