"""The app below a path of a real nginx that is set as README says: WebSockets, pictures, uploads and the login pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import CARDS, PATIENCE, free_port, settled, started, visitor, wait_for
from fixtures import build_tiny_bundle
from places import ROOT
from provider import auth_section, provider, secrets_file

from precompute.steps.access import show_to

pytestmark = pytest.mark.browser
BASE = "shop"
LOADED = "image => image.complete && image.naturalWidth > 0"


def nginx_program() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        (pytest.fail if os.environ.get("SQID_REQUIRE_BROWSER") else pytest.skip)("no nginx here")
    return str(found)


def configuration(folder: Path, port: int, app: int) -> str:
    """README's locations, below the path, in the least around them that a user without rights may run."""
    said = re.search(r"```nginx\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert said is not None
    locations = said[1].replace("location / {", f"location /{BASE}/ {{").replace(":8501", f":{app}")
    locations = locations.replace("^/(_stcore", f"^/{BASE}/(_stcore")
    places = "".join(
        f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    server = f"server {{ listen 127.0.0.1:{port};\n{locations}\n}}"
    return (
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {places}\n{server}\n}}\n"
    )


@contextmanager
def nginx(folder: Path, port: int, app: int) -> Iterator[None]:
    folder.mkdir()
    (folder / "nginx.conf").write_text(configuration(folder, port, app), encoding="utf-8")
    process = subprocess.Popen([nginx_program(), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        wait_for(f"http://127.0.0.1:{port}/{BASE}/_stcore/health", process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_all_of_it_passes(browser: Any, tmp_path: Path) -> None:
    nginx_program()
    build_tiny_bundle(tmp_path / "data" / "shown")
    show_to(build_tiny_bundle(tmp_path / "data" / "team"), ["groups=team"])
    app, port = free_port(), free_port()
    outside = f"http://127.0.0.1:{port}/{BASE}"
    with provider(anna={"name": "Anna", "groups": ["team"]}) as signs_in:
        secrets = secrets_file(tmp_path / "secrets.toml", auth_section(signs_in, outside))
        option = f"--secrets.files={secrets}"
        with (
            started(tmp_path / "data", app, option, base=BASE, SQID_STATE=str(tmp_path / "state")),
            nginx(tmp_path / "nginx", port, app),
            visitor(browser, f"{outside}/") as go,
        ):
            page = go("?query=01")
            picture = page.locator(CARDS.format("fused") + " img").first
            page.wait_for_function(LOADED, arg=picture.element_handle())
            settled(page)
            page.get_by_role("button", name="Picture", exact=False).filter(has_text="image_search").click()
            large = {"name": "large.png", "mimeType": "image/png", "buffer": b"no picture".ljust(3_000_000)}
            page.locator("input[type=file]").first.set_input_files(large)
            page.get_by_text("This file is not a picture that can be read").wait_for()
            assert (status(f"{outside}/metrics"), status(f"{outside}/_stcore/metrics")) == (404, 404)
            assert status(f"{outside}/healthz") == 200

            context = browser.new_context()
            signed = context.new_page()
            signed.set_default_timeout(PATIENCE)
            signed.goto(f"{outside}/judge?bundle=team")
            signed.get_by_role("button", name="Sign in").click()
            signed.get_by_role("button", name="anna").click()
            signed.wait_for_url(f"{outside}/judge?bundle=team")
            signed.get_by_text("This bundle has no books yet").wait_for()
            cookies = {cookie["name"]: cookie["path"] for cookie in context.cookies(outside)}
            assert cookies["_streamlit_user"] == cookies["sqid_judge"] == f"/{BASE}"
            signed.goto(f"{outside}/account")
            signed.get_by_role("button", name="Sign out").click()
            signed.wait_for_url(f"{signs_in}/**")
            signed.goto(f"{outside}/account")
            signed.get_by_role("button", name="Sign in").wait_for()
            context.close()
