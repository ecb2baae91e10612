"""Downloads over connections that break: every byte arrives once, or one sentence says why not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from bad_server import BadServer, Instead, Reset, Resource, Short, Stall, Status, lfs_pointer, statuses
from places import ROOT

from precompute.fetch import download as module
from precompute.fetch.answers import Content
from precompute.fetch.download import download, part_file
from precompute.fetch.retries import Patience, Unavailable, Unreachable
from sqid_core.errors import InputError

QUICK = Patience(attempts=6, unreachable=2, first_wait=0.001, longest_wait=0.01)
# For servers that fall silent: on a busy machine others may seem to, so they are asked more often.
RESTLESS = replace(QUICK, attempts=30, read_seconds=0.5)
NOTHING_KNOWN = Content()
BODY = os.urandom(3_000_000)


def no_fault(path: Path) -> str | None:
    return None


def get(
    server: BadServer, target: Path, known: Content = NOTHING_KNOWN, check=no_fault, path="/file", patience=QUICK
) -> Content | None:
    with requests.Session() as session:
        return download(session, server.url(path), target, check, known, patience)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "downloads" / "file.parquet"


def left(target):
    return sorted(path.name for path in target.parent.iterdir())


FAULTS = {
    "busy": statuses(429, 503, 500),
    "reset at once": [Reset(), Reset()],
    "reset inside": [Reset(after=1_000_000), Reset(after=1_000_000), Reset(after=500_000)],
    "short": [Short(10), Short(2_500_000), Short(16_384)],
    "silent": [Stall(after=1_200_000)],
    "everything": [Status(502), Short(1_048_576), Reset(), Status(429), Reset(after=400_000), Stall(32_768)],
}


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
@pytest.mark.parametrize("case", FAULTS)
def test_every_byte_arrives(case, ranges, target):
    with BadServer({"/file": Resource(BODY, faults=list(FAULTS[case]), ranges=ranges)}) as server:
        assert get(server, target, patience=RESTLESS) is None
    assert target.read_bytes() == BODY
    assert left(target) == ["file.parquet"]


def test_goes_on_where_it_broke_off(target):
    with BadServer({"/file": Resource(BODY, faults=[Short(1_048_576), Short(1_048_576)])}) as server:
        get(server, target)
        assert server.ranges("/file") == [None, "bytes=1048576-", "bytes=2097152-"]
        assert server.statuses("/file") == [200, 206, 206]
        assert server.log[1].headers["If-Range"] == server.resources["/file"].tag()


def test_many_breaks_are_survived_while_bytes_keep_coming(target):
    with BadServer({"/file": Resource(BODY, faults=[Short(100_000)] * 20)}) as server:
        get(server, target)
    assert target.read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_fetched_anew(target):
    newer = os.urandom(2_000_000)
    with BadServer({"/file": Resource(BODY, faults=[Short(1_500_000), *statuses(*[500] * 6)])}) as server:
        with pytest.raises(Unavailable, match="answered 500"):
            get(server, target)
        server.resources["/file"] = Resource(newer)
        get(server, target)
        assert server.statuses("/file")[-1] == 200
    assert target.read_bytes() == newer


def test_a_part_of_another_address_is_not_gone_on_with(target):
    with BadServer(
        {"/a": Resource(BODY, faults=[Short(1_500_000), *statuses(*[500] * 6)]), "/b": BODY[::-1]}
    ) as server:
        with pytest.raises(Unavailable):
            get(server, target, path="/a")
        assert left(target) == [".parts"]
        get(server, target, path="/b")
    assert target.read_bytes() == BODY[::-1]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"address": 1}', '{"nonsense": 1}'])
def test_a_part_without_a_readable_note_is_thrown_away(note, target):
    with BadServer({"/file": BODY}) as server:
        part = part_file(target, server.url("/file"))
        part.parent.mkdir(parents=True)
        part.write_bytes(b"x" * 1000)
        part.with_name("file.parquet.part.json").write_text(note)
        get(server, target)
    assert target.read_bytes() == BODY


def test_a_part_that_is_too_long_is_thrown_away(target):
    with BadServer({"/file": Resource(BODY, faults=[Short(1_500_000), *statuses(*[500] * 6)])}) as server:
        with pytest.raises(Unavailable):
            get(server, target)
        with part_file(target, server.url("/file")).open("ab") as file:
            file.write(BODY)
        get(server, target)
        assert 416 in server.statuses("/file")
    assert target.read_bytes() == BODY


def test_a_part_that_is_whole_is_not_fetched_again(target):
    with BadServer({"/file": BODY}) as server:
        with pytest.raises(ZeroDivisionError):
            get(server, target, check=lambda path: 1 / 0)  # as if it had been killed just before the rename
        get(server, target)
        assert server.statuses("/file") == [200]
    assert target.read_bytes() == BODY


def test_no_length_and_no_tag(target):
    with BadServer({"/file": Resource(BODY, etag="", length=False, faults=[Status(503)])}) as server:
        get(server, target)
    assert target.read_bytes() == BODY


WAITS = {
    "seconds": (lambda: "7", 7.0),
    "date": (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True), 30.0),
    "too long": (lambda: "86400", 600.0),
    "nonsense": (lambda: "soon, at 12:00 or so", 0.0),
}


@pytest.mark.parametrize("case", WAITS)
def test_retry_after_is_obeyed(case, target, monkeypatch):
    header, seconds = WAITS[case]
    waited = []
    monkeypatch.setattr(module, "sleep", waited.append)
    faults = statuses(429, headers={"Retry-After": header()})
    with BadServer({"/file": Resource(BODY, faults=list(faults))}) as server:
        get(server, target)
    assert waited == [pytest.approx(max(seconds, 0.001), abs=2.5 if seconds else 0.001)]


def test_waits_grow_and_are_bounded(target, monkeypatch):
    waited = []
    monkeypatch.setattr(module, "sleep", waited.append)
    patience = Patience(attempts=8, first_wait=1, longest_wait=20)
    server = BadServer({"/file": Resource(BODY, faults=list(statuses(*[503] * 8)))})
    said = pytest.raises(Unavailable, match="answered 503 8 times in a row")
    with server, requests.Session() as session, said:
        download(session, server.url("/file"), target, no_fault, Content(), patience)
    assert [round(seconds) for seconds in waited[:2]] == [1, 2]
    assert waited[:4] == sorted(waited[:4])
    assert max(waited) <= 20
    assert len(waited) == 7


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_not_asked_again(code, target):
    with BadServer({"/file": Resource(BODY, faults=[Status(code)])}) as server:
        with pytest.raises(Unavailable, match=f"answered {code}"):
            get(server, target)
        assert len(server.log) == 1


def test_nobody_there(target):
    with BadServer() as server:
        address = server.url("/file")
    with requests.Session() as session, pytest.raises(Unreachable, match="2 times in a row"):
        download(session, address, target, no_fault, Content(), QUICK)
    with requests.Session() as session, pytest.raises(Unavailable, match="cannot be asked"):
        download(session, "nonsense://x", target, no_fault, Content(), QUICK)


def test_a_pointer_says_what_it_stands_for(target):
    with BadServer({"/file": lfs_pointer(BODY)}) as server:
        assert get(server, target) == Content(len(BODY), sha256(BODY).hexdigest())
    assert left(target) == []


def test_size_and_hash_are_checked(target):
    with BadServer({"/file": BODY}) as server:
        with pytest.raises(Unavailable, match="another sha256"):
            get(server, target, Content(len(BODY), sha256(b"").hexdigest()))
        assert left(target) == []
        with pytest.raises(Unavailable, match="expected 2,999,999"):
            get(server, target, Content(len(BODY) - 1))
        with pytest.raises(Unavailable, match="times in a row"):
            get(server, target, Content(len(BODY) + 1))
        assert not target.exists()
        get(server, target, Content(len(BODY), sha256(BODY).hexdigest()))
    assert target.read_bytes() == BODY


def test_what_the_hub_says_when_it_redirects(target):
    linked = {"Location": "/cdn", "X-Linked-Size": str(len(BODY)), "X-Linked-ETag": f'"{sha256(BODY).hexdigest()}"'}
    resources = {"/file": Resource(faults=[Status(302, linked)] * 9), "/cdn": Resource(BODY, faults=[Short(1_048_576)])}
    with BadServer(resources) as server:
        get(server, target)
        assert server.statuses("/cdn") == [200, 206]
        server.resources["/cdn"] = Resource(BODY[:-1] + b"!")
        with pytest.raises(Unavailable, match="another sha256"):
            get(server, target.with_name("other"))
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("headers", [{"Location": "http://[::1"}, {"Location": "/cdn", "X-Linked-Size": "large"}])
def test_a_redirect_to_nonsense_is_another_address_that_has_no_file(headers, target):
    resources = {"/file": Resource(faults=[Status(302, headers)] * 9), "/cdn": BODY}
    with BadServer(resources) as server, pytest.raises(Unavailable, match="cannot be asked"):
        get(server, target)
    assert not target.exists()


def test_wrong_content_is_thrown_away(target):
    with BadServer({"/file": Resource(BODY, faults=[Instead(b"<html>please log in</html>")])}) as server:
        with pytest.raises(Unavailable, match="gave a file that is no data"):
            get(server, target, check=lambda path: "is no data" if path.stat().st_size < 100 else None)
        assert left(target) == []
        get(server, target)
    assert target.read_bytes() == BODY


def test_too_little_room_is_said_before_anything_is_written(target, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: _Usage())
    with BadServer({"/file": BODY}) as server, pytest.raises(InputError, match=r"needs 3 MB more .* 1 MB are free"):
        get(server, target)
    assert not target.exists()


class _Usage:
    free = 1_000_000


def test_killed_at_any_moment_and_started_again(target):
    code = (
        "import sys, requests; from pathlib import Path\n"
        "from precompute.fetch.download import Content, Patience, download\n"
        "download(requests.Session(), sys.argv[1], Path(sys.argv[2]), lambda path: None, Content(), Patience())"
    )
    with BadServer({"/file": Resource(BODY, chunk_seconds=0.005)}) as server:
        part = part_file(target, server.url("/file"))
        for share in (0.0, 0.3, 0.8):
            child = subprocess.Popen([sys.executable, "-c", code, server.url("/file"), str(target)], cwd=ROOT)
            while child.poll() is None and not (part.exists() and part.stat().st_size > share * len(BODY)):
                time.sleep(0.005)
            child.kill()
            assert child.wait() == -signal.SIGKILL
            assert not target.exists()
        subprocess.run([sys.executable, "-c", code, server.url("/file"), str(target)], cwd=ROOT, check=True)
        assert target.read_bytes() == BODY
    assert left(target) == ["file.parquet"]
