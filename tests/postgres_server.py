"""A PostgreSQL for the tests: what SQID_TEST_DATABASE_URL names, or a throw-away cluster of Debian's programs."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

URL, REQUIRED = "SQID_TEST_DATABASE_URL", "SQID_REQUIRE_POSTGRES"


def programs() -> Path:
    """Where initdb and pg_ctl lie; without them the tests are skipped, or fail where SQID_REQUIRE_POSTGRES is set."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = [Path(path).resolve() for path in [shutil.which("initdb")] if path] or debian
    if found and (os.geteuid() or shutil.which("runuser")):
        return found[-1].parent
    reason = f"no PostgreSQL here: install Debian's postgresql, or name a database in {URL}"
    if os.environ.get(REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)


class Cluster:
    """A server of its own, reached by a socket in its folder."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self._folder, self._bin = folder, bin_
        # Servers of PostgreSQL refuse to run as root.
        self._as = [] if os.geteuid() else ["runuser", "-u", "postgres", "--"]
        if self._as:
            shutil.chown(folder, "postgres")
        self._run("initdb", "--no-sync", "--auth=trust", "--username=tester", "--encoding=UTF8", "--locale=C")
        self.url = f"postgresql://tester@/postgres?host={folder}"

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c max_connections=200"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """At once, as if it crashed: what was confirmed must be there nevertheless."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def kill(self) -> None:
        """The server's first process by force; the others end when they notice."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as, str(self._bin / program), "-D", str(self._folder / "data"), *words]
        ran = subprocess.run(command, cwd=self._folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Made, started, stopped and removed. Not in pytest's folder, which PostgreSQL's user may not enter."""
    bin_ = programs()
    folder = Path(tempfile.mkdtemp(prefix="sqid-pg-"))
    try:
        made = Cluster(folder, bin_)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def own_schema(url: str) -> Iterator[str]:
    """A URL to an empty schema of the database, which is dropped at the end."""
    name = f"test_{secrets.token_hex(6)}"
    whole = sa.make_url(url)
    engine = sa.create_engine(whole.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    own = whole.update_query_dict({"options": f"-c search_path={name}"})
    yield own.render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.schema.DropSchema(name, cascade=True))
    engine.dispose()


if __name__ == "__main__":  # python tests/postgres_server.py COMMAND...: runs it beside a cluster of its own
    with cluster() as started:
        sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {URL: started.url}).returncode)
