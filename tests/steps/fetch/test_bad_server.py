"""The misbehaving server does what it is told, or the tests that use it prove nothing."""

from __future__ import annotations

import pytest
import requests
from bad_server import BadServer, Instead, Reset, Resource, Short, Status, lfs_pointer, statuses

BODY = bytes(range(256)) * 300


def test_faults_come_in_turn_then_the_whole_body():
    faults = [
        *statuses(503, 429, headers={"Retry-After": "7"}),
        Reset(),
        Reset(after=20_000),
        Short(1000),
        Instead(b"x"),
    ]
    with BadServer({"/a": Resource(BODY, faults=faults)}) as server:
        first, second = requests.get(server.url("/a")), requests.get(server.url("/a"))
        assert (first.status_code, second.status_code, second.headers["Retry-After"]) == (503, 429, "7")
        for _ in range(3):
            with pytest.raises(requests.RequestException):
                assert len(requests.get(server.url("/a")).content) == len(BODY)
        assert requests.get(server.url("/a")).content == b"x"
        assert requests.get(server.url("/a")).content == BODY
        assert server.statuses("/a") == [503, 429, 0, 200, 200, 200, 200]


def test_ranges():
    with BadServer({"/a": BODY, "/whole": Resource(BODY, ranges=False)}) as server:
        part = requests.get(server.url("/a"), headers={"Range": "bytes=70000-"})
        assert (part.status_code, part.content) == (206, BODY[70_000:])
        assert part.headers["Content-Range"] == f"bytes 70000-{len(BODY) - 1}/{len(BODY)}"
        changed = {"Range": "bytes=70000-", "If-Range": '"another"'}
        assert requests.get(server.url("/a"), headers=changed).content == BODY
        assert requests.get(server.url("/a"), headers={"Range": f"bytes={len(BODY)}-"}).status_code == 416
        assert requests.get(server.url("/whole"), headers={"Range": "bytes=70000-"}).status_code == 200
        assert requests.get(server.url("/nothing")).status_code == 404


def test_connections_are_kept_and_redirects_followed():
    moved = Resource(faults=[Status(302, {"Location": "/a"})] * 5)
    with BadServer({"/a": b"abc", "/moved": moved}) as server, requests.Session() as session:
        assert [session.get(server.url("/moved")).content for _ in range(5)] == [b"abc"] * 5
        assert server.connections == 1
        assert lfs_pointer(b"abc").startswith(b"version https://git-lfs")
