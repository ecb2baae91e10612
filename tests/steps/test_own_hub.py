"""`own` with a data set of the hub, from a server of our own."""

from __future__ import annotations

import json

import pytest
from bad_server import BadServer, Resource, Status
from own_bundles import CASES, gains

from precompute.fetch import download
from precompute.fetch.retries import Patience
from precompute.read import hub_files

BEIR = CASES / "beir"


@pytest.fixture
def hub(monkeypatch):
    """A hub with one data set, which fails once at each address."""
    files = {
        "corpus.jsonl": (BEIR / "corpus.jsonl").read_bytes(),
        "queries.jsonl": (BEIR / "queries.jsonl").read_bytes(),
        "qrels/test.tsv": (BEIR / "test.tsv").read_bytes(),
        "README.md": b"x",
        "evil.py": b"x",
        "../corpus.jsonl": b"x",
    }
    listed = [{"type": "file", "path": path, "size": len(body)} for path, body in files.items()]
    resources = {
        f"/datasets/me/set/resolve/main/{path}": Resource(body, faults=[Status(503)]) for path, body in files.items()
    }
    resources["/api/datasets/me/set/tree/main"] = Resource(json.dumps(listed).encode(), faults=[Status(503)])
    resources["/api/datasets/me/odd/tree/main"] = Resource(b'{"a": 1}')
    resources["/api/datasets/me/empty/tree/main"] = Resource(b"[]")
    monkeypatch.setattr(hub_files, "PATIENCE", Patience(attempts=3, unreachable=2, first_wait=0.01))
    monkeypatch.setattr(download, "sleep", lambda _: None)
    with BadServer(resources) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url())
        yield server


def test_a_data_set_of_the_hub_is_fetched_once_and_nothing_else_of_it(hub, own, tmp_path):
    assert own("--products", "hf:me/set")[0] == 0
    assert gains(tmp_path / "out") == {("enamel mug", "0001"): 1, ("teapot", "0003"): 1}
    asked = {request.path for request in hub.log}
    assert not any("README" in path or "evil" in path or ".." in path for path in asked)
    before = len(hub.log)
    words = ["--products", BEIR / "corpus.jsonl", "--queries", BEIR / "queries.jsonl", "--judgements", "hf:me/set"]
    assert own(*words)[0] == 0
    assert [request.path for request in hub.log[before:]] == ["/api/datasets/me/set/tree/main"]


WRONG = {
    "hf:me/none": "answered 404",
    "hf:me/odd": "its list of files is none",
    "hf:me/empty": "has no files",
    "hf:x": "expected hf:OWNER/NAME",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_hub_does_not_have_is_said(name, hub, own):
    status, said = own("--products", name)
    assert status == 2
    assert WRONG[name] in said
