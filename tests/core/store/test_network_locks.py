"""SQLite where locks fail, as on some network file systems: a sentence, nothing lost, and it works again.

By night (SQID_WHOLE=1): SQLite waits its whole time at each way in which they fail.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

SHIM = Path(__file__).parent / "cases" / "no_locks.c"
PROGRAM = """
import os, sys
from pathlib import Path
from judged import act
from sqid_core.errors import StoreError
from sqid_core.store import database
from sqid_core.store.opening import open_store

database.PATIENCE = 0.2
flag = Path(os.environ["NO_LOCKS"])

def refused(code, work):
    flag.write_text(code)
    try:
        work()
    except StoreError as error:
        assert "network file system" in str(error), error
    else:
        raise AssertionError("it went well")
    flag.unlink()

def judged(place, code):
    store = open_store(place)
    refused(code, store.judges)
    ann = store.enrol("secret", "Ann")
    refused(code, lambda: store.add([act("k")], ann.id, "demo", "f"))
    refused(code, open_store(place).judges)
    assert store.add([act("k"), act("l")], ann.id, "demo", "f").seq == 2
    assert list(store.acts("demo")["key"]) == ["k", "l"]

for code in sys.argv[2:]:
    judged(Path(sys.argv[1]) / code, code)
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or not sys.platform.startswith("linux"):
        pytest.skip("a file system without locks is played by a library, which needs a C compiler on Linux")
    made = tmp_path_factory.mktemp("shim") / "no_locks.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(made), str(SHIM), "-ldl"], check=True)
    return made


@pytest.mark.skipif(os.environ.get("SQID_WHOLE") != "1", reason="takes a minute for each way: by night (SQID_WHOLE=1)")
def test_locks_that_fail(shim: Path, tmp_path: Path) -> None:
    codes = [str(code) for code in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)]
    environment = os.environ | {
        "LD_PRELOAD": str(shim),
        "NO_LOCKS": str(tmp_path / "flag"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    }
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), *codes]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
