"""A bundle of the hub, from a server of our own: fetched whole, checked, and in its place only then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bad_server import BadServer, Instead, Reset, Resource, Status
from filelock import FileLock

from precompute.__main__ import main
from precompute.fetch import download
from precompute.fetch.retries import Patience
from precompute.steps import fetch_bundle as step
from precompute.steps.access import show_to
from sqid_core.bundle.hub_sets import hub_set_of, source_of
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import read_manifest

SET = "me/tiny"


@dataclass
class Hub:
    """What a hub has of one set: files by revision."""

    server: BadServer

    def put(self, files: Mapping[str, bytes], revision: str = "v1") -> None:
        listed = [{"type": "file", "path": path, "size": len(body)} for path, body in files.items()]
        self.server.resources[f"/api/datasets/{SET}/tree/{revision}"] = Resource(json.dumps(listed).encode())
        for path, body in files.items():
            self.server.resources[f"/datasets/{SET}/resolve/{revision}/{path}"] = Resource(body)

    def resource(self, path: str, revision: str = "v1") -> Resource:
        return self.server.resources[f"/datasets/{SET}/resolve/{revision}/{path}"]

    def asked(self) -> list[str]:
        """The files that were asked for, since the last time somebody looked."""
        found = [request.path.partition("/resolve/v1/")[2] for request in self.server.log]
        self.server.log.clear()
        return [path for path in found if path]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path) -> Iterator[Hub]:
    monkeypatch.setattr(step, "PATIENCE", Patience(attempts=3, unreachable=2, first_wait=0.01))
    monkeypatch.setattr(download, "sleep", lambda _: None)
    with BadServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url())
        found = Hub(server)
        found.put(files_of(tiny_bundle) | {"README.md": b"x", "evil.py": b"x", "images/evil.svg": b"<svg>"})
        yield found


def files_of(bundle: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(bundle)): path.read_bytes()
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture
def fetch(tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    def fetched(named: str = f"hf:{SET}@v1") -> tuple[int, str]:
        status = main(["fetch", named, "--out", str(tmp_path / "tiny")])
        return status, capsys.readouterr().err

    return fetched


def test_nothing_else_of_the_set(hub: Hub, fetch: Callable, tmp_path: Path, tiny_bundle: Path) -> None:
    assert fetch() == (0, "")
    assert files_of(tmp_path / "tiny") == files_of(tiny_bundle)
    assert source_of(tmp_path / "tiny") == f"hf:{SET}@v1"
    assert not {"README.md", "evil.py", "images/evil.svg"} & {*hub.asked()}
    assert fetch() == (0, "")
    assert hub.asked() == []


def test_interrupted_it_goes_on_with_what_is_not_there(hub: Hub, fetch: Callable, tmp_path: Path) -> None:
    hub.resource("queries.parquet").faults += [Status(404)]
    status, said = fetch()
    assert (status, "queries.parquet" in said or "404" in said) == (2, True)
    assert not (tmp_path / "tiny").exists()
    stage = tmp_path / ".tiny.fetching"
    there = {str(path.relative_to(stage)) for path in stage.rglob("*.npy")}
    hub.asked()
    assert fetch() == (0, "")
    assert not there & {*hub.asked()}
    assert load_bundle(tmp_path / "tiny").name == "tiny"
    assert not (tmp_path / ".tiny.fetching").exists()


def test_connections_that_break_are_gone_on_with(hub: Hub, fetch: Callable) -> None:
    for path in ("products.parquet", "manifest.json"):
        hub.resource(path).faults += [Reset(after=100), Status(503)]
    assert fetch() == (0, "")


@pytest.mark.parametrize("ending", ["products.parquet", "queries.npy"])
def test_a_file_that_is_another_than_the_manifest_says_is_refused(
    hub: Hub, fetch: Callable, tmp_path: Path, ending: str, tiny_bundle: Path
) -> None:
    path = next(path for path in files_of(tiny_bundle) if path.endswith(ending))
    body = bytearray(hub.resource(path).body)
    body[-1] ^= 1
    hub.resource(path).faults += [Instead(bytes(body))] * 5
    status, said = fetch()
    assert status == 2
    assert "another sha256" in said
    assert not (tmp_path / "tiny").exists()


def test_what_is_served_stays_until_another_is_whole(
    hub: Hub, fetch: Callable, tmp_path: Path, tiny_bundle: Path
) -> None:
    fetch()
    show_to(tmp_path / "tiny", ["groups=team"])
    hub.put({path: body for path, body in files_of(tiny_bundle).items() if path != "products.parquet"}, "v2")
    status, said = fetch(f"hf:{SET}@v2")
    assert (status, "lacks products.parquet" in said) == (2, True)
    assert source_of(tmp_path / "tiny") == f"hf:{SET}@v1"
    hub.put(files_of(tiny_bundle), "v2")
    assert fetch(f"hf:{SET}@v2") == (0, "")
    assert source_of(tmp_path / "tiny") == f"hf:{SET}@v2"
    assert read_manifest(tmp_path / "tiny").visible_to == ("groups=team",)


WRONG = {
    "hf:me/none@v1": "answered 404",
    "hf:me/tiny@v9": "answered 404",
    "hf:me/../x": "expected hf:OWNER/NAME",
    "hf:me/tiny@../../api": "expected hf:OWNER/NAME",
    "me/tiny": "expected hf:OWNER/NAME",
}


@pytest.mark.parametrize("named", WRONG)
def test_what_cannot_be_had_is_one_sentence(hub: Hub, fetch: Callable, named: str) -> None:
    status, said = fetch(named)
    assert (status, len(said.strip().splitlines())) == (2, 1)
    assert WRONG[named] in said


def test_a_set_that_is_no_bundle(hub: Hub, fetch: Callable) -> None:
    hub.put({"data.csv": b"x"}, "v3")
    assert "no manifest.json" in fetch(f"hf:{SET}@v3")[1]


def test_two_fetch_it_once(hub: Hub, tmp_path: Path) -> None:
    def fetched(_: int) -> bool:
        return step.fetch_bundle(hub_set_of(f"hf:{SET}@v1"), tmp_path / "tiny")

    with ThreadPoolExecutor(2) as pool, FileLock(tmp_path / ".tiny.lock") as held:
        both = pool.map(fetched, range(2))
        assert hub.asked() == []
        held.release()
        assert sorted(both) == [False, True]
    assert hub.asked().count("products.parquet") == 1


def test_what_another_revision_left_is_taken_away(hub: Hub, fetch: Callable, tmp_path: Path, tiny_bundle: Path) -> None:
    left = tmp_path / ".tiny.fetching" / "images" / "of" / "withdrawn.webp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    assert fetch() == (0, "")
    assert files_of(tmp_path / "tiny") == files_of(tiny_bundle)
    assert not (tmp_path / "tiny" / "images" / "of").exists()


def test_a_folder_of_something_else_is_left_alone(hub: Hub, fetch: Callable, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "letter.txt").write_text("mine", encoding="utf-8")
    status, said = fetch()
    assert (status, "no bundle" in said, hub.asked()) == (2, True, [])
    assert (tmp_path / "tiny" / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_list_without_end_is_left(hub: Hub, fetch: Callable) -> None:
    listed = hub.server.resources[f"/api/datasets/{SET}/tree/v1"]
    again = hub.server.url(f"/api/datasets/{SET}/tree/v1?recursive=true")
    hub.server.resources[f"/api/datasets/{SET}/tree/v1"] = replace(listed, headers={"Link": f'<{again}>; rel="next"'})
    assert "has no end" in fetch()[1]


@pytest.mark.parametrize("token", ["hf_a\nX-Other: b", "hf_\u2026"], ids=["lines", "letters"])
def test_a_token_that_is_none_is_said_and_not_shown(
    hub: Hub, fetch: Callable, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    status, said = fetch()
    assert (status, "HF_TOKEN" in said, "hf_" in said, len(said.splitlines())) == (2, True, False, 1)


def test_the_token_goes_to_the_hub_alone(hub: Hub, fetch: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    with BadServer({"/elsewhere": Resource(hub.resource("products.parquet").body)}) as elsewhere:
        there = elsewhere.url("/elsewhere").replace("127.0.0.1", "localhost")
        hub.resource("products.parquet").faults += [Status(302, {"Location": there})]
        assert fetch() == (0, "")
        assert {request.headers.get("Authorization") for request in hub.server.log} == {"Bearer secret"}
        assert {request.headers.get("Authorization") for request in elsewhere.log} == {None}


def test_a_disk_that_is_full_says_so(hub: Hub, fetch: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=10))
    assert "make room" in fetch()[1]
