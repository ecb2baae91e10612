"""Pictures by URL: what is served, what is not, and which addresses reach a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sqid_core.bundle.manifest import read_manifest
from sqid_ui.parts import picture_addresses as pictures
from sqid_ui.parts.picture_addresses import picture_address, picture_file, picture_place
from sqid_ui.shell.serving import picture_route


@pytest.fixture
def root(tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(tiny_bundle, tmp_path / "data" / "tiny")
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def client(root: Path) -> TestClient:
    return TestClient(Starlette(routes=[picture_route()]))


def served_at(bundle: Path) -> str:
    return picture_place(read_manifest(bundle).fingerprint, bundle)


def test_two_folders_of_the_same_tables_serve_their_own_pictures(client: TestClient, root: Path) -> None:
    shutil.copytree(root / "tiny", root / "twin")
    (root / "twin" / "images" / "mug-red.webp").write_bytes(b"of the twin")
    shown = {name: client.get(f"/pictures/{served_at(root / name)}/mug-red.webp").content for name in ("tiny", "twin")}
    assert shown["twin"] == b"of the twin" != shown["tiny"]


def test_a_loop_of_links_is_no_picture(client: TestClient, root: Path) -> None:
    loop = root / "tiny" / "images" / "loop.webp"
    loop.symlink_to(loop)
    assert client.get(f"/pictures/{served_at(root / 'tiny')}/loop.webp").status_code == 404


def test_a_picture_is_served_by_fingerprint(client: TestClient, root: Path) -> None:
    place = served_at(root / "tiny")
    answer = client.get(f"/pictures/{place}/mug-red.webp")
    assert answer.status_code == 200
    assert answer.content == (root / "tiny" / "images" / "mug-red.webp").read_bytes()
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "..%2fmanifest.json",
        "%2e%2e/%2e%2e/tiny/manifest.json",
        "..%5cmanifest.json",
        "%2fetc%2fpasswd",
        "nothing.webp",
        "",
        ".",
        "mug-red.webp%00",
        "link.webp",
        "page.html",
        "script.svg",
    ],
)
def test_nothing_else_is_served(client: TestClient, root: Path, path: str) -> None:
    images = root / "tiny" / "images"
    (images / "page.html").write_text("<script>alert(1)</script>")
    (images / "script.svg").write_text("<svg onload='alert(1)'/>")
    (root / "secret.webp").write_bytes(b"secret")
    (images / "link.webp").symlink_to(root / "secret.webp")
    place = served_at(root / "tiny")
    assert client.get(f"/pictures/{place}/{path}").status_code == 404


def test_another_fingerprint_is_no_folder(client: TestClient) -> None:
    for name in ("tiny", "..", "0" * 16):
        assert client.get(f"/pictures/{name}/mug-red.webp").status_code == 404


def test_the_mount_honours_the_base_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = pictures.config.get_option
    monkeypatch.setattr(
        pictures.config, "get_option", lambda name: "/shop/" if name == "server.baseUrlPath" else usual(name)
    )
    assert picture_address("mug-red.webp", "f00") == "/shop/pictures/f00/mug-red.webp"
    place = served_at(root / "tiny")
    client = TestClient(Starlette(routes=[picture_route()]))
    assert client.get(f"/shop/pictures/{place}/mug-red.webp").status_code == 200


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ("mug red.webp", "/pictures/f00/mug%20red.webp"),
        ("a/b#c?.webp", "/pictures/f00/a/b%23c%3F.webp"),
        (
            "https://shop.example/I/CLa%7C2140%2C2000%7C,1.jpg?x=1",
            "https://shop.example/I/CLa%7C2140%2C2000%7C,1.jpg?x=1",
        ),
        ("HTTP://shop.example/a.jpg", "HTTP://shop.example/a.jpg"),
        ("javascript:alert(1)", None),
        ("data:image/svg+xml,<svg/>", None),
        ("file:///etc/passwd", None),
        ("//evil.example/a.webp", None),
        ("/etc/passwd", None),
        ("http://[bad", None),
        ("", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_addresses_that_reach_a_browser(image: str | None, address: str | None) -> None:
    assert picture_address(image, "f00") == address


def test_a_file_with_an_impossible_name_is_none(tmp_path: Path) -> None:
    assert not picture_file(tmp_path, "x" * 5000 + ".webp")
    assert not picture_file(tmp_path, "a\0b.webp")
