"""python -m precompute images: every answer a host may give, what is stored, what the app and encode then see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from queue import Queue
from threading import Event

import pytest
from bad_server import BadServer, Instead, Reset, Resource, Short, Stall, Status, statuses
from image_runs import QUICK, files, images, status_of, table
from pictured import DEFAULT_PATH, make_bundle, picture
from PIL import Image

from precompute.__main__ import main
from precompute.commands import images_verb as verb
from precompute.fetch.retries import retry_after
from precompute.images import web
from precompute.images.outcome import Limits
from precompute.images.store import SIDE, is_ours
from precompute.images.web import Web
from precompute.work.bundle_pictures import picture_files
from sqid_core.analysis.checks import quick_checks
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import read_manifest

pytestmark = pytest.mark.usefixtures("quick")


ANSWERS = {
    "plain": (Resource(picture(1)), "done"),
    "jpeg": (Resource(picture(2, kind="JPEG")), "done"),
    "gif": (Resource(picture(3, kind="GIF")), "done"),
    "webp": (Resource(picture(4, kind="WEBP")), "done"),
    "large": (Resource(picture(5, (900, 600))), "done"),
    "mislabelled": (Resource(picture(6), content_type="text/html"), "done"),
    "busy first": (Resource(picture(7), faults=[Status(429, {"Retry-After": "0"}), Status(503)]), "done"),
    "reset first": (Resource(picture(8), faults=[Reset(), Reset(after=20)]), "done"),
    "short first": (Resource(picture(9), faults=[Short(30)]), "done"),
    "without a length": (Resource(picture(10), length=False), "done"),
    "gone": (Resource(faults=list(statuses(404))), "gone"),
    "gone for good": (Resource(faults=list(statuses(410))), "gone"),
    "forbidden": (Resource(faults=list(statuses(403))), "refused"),
    "always busy": (Resource(faults=list(statuses(500, 502, 503, 504))), "unreachable"),
    "always short": (Resource(picture(11), faults=[Short(30)] * 3), "unreachable"),
    "leads to a file": (Resource(faults=[Status(302, {"Location": "file:///etc/passwd"})]), "refused"),
    "leads nowhere": (Resource(faults=[Status(302, {"Location": "http://[::1"})]), "refused"),
    "leads in circles": (Resource(faults=[Status(302, {"Location": "/leads in circles"})] * 99), "refused"),
    "login page": (Resource(picture(12), faults=[Instead(b"<html>log in</html>")]), "not an image"),
    "empty": (Resource(b""), "not an image"),
    "half": (Resource(picture(13, (300, 300), "JPEG")[:800]), "not an image"),
    "svg": (Resource(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "not an image"),
    "eps": (Resource(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"), "not an image"),
    "one pixel": (Resource(picture(14, (1, 1), "GIF")), "default picture"),
    "long": (Resource(b"x" * 300_000), "too large"),
    "long without a length": (Resource(b"x" * 300_000, length=False), "too large"),
    "many pixels": (Resource(picture(15, (1100, 1000))), "too large"),
}


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """A bundle after one run over every answer, and what the server saw."""
    bundle = tmp_path_factory.mktemp("images") / "bundle"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verb, "Limits", lambda **given: replace(QUICK, **given))
        with BadServer({f"/{name.replace(' ', '-')}": resource for name, (resource, _) in ANSWERS.items()}) as server:
            addresses = {name: server.url(f"/{name.replace(' ', '-')}") for name in ANSWERS}
            others = {
                "no picture": None,
                "ftp": "ftp://127.0.0.1/a.png",
                "no host": "http:///a.png",
                "bad host": "http://[bad/a.png",
                "script": "javascript:alert(1)",
                "../../evil": server.url("/plain?again"),
                "up": "../../etc/passwd",
            }
            server.resources["/leads-in-circles"].faults[:] = [Status(302, {"Location": "/leads-in-circles"})] * 99
            make_bundle(bundle, addresses | others)
            code = images(bundle, "--max-mb", "0.2", "--max-megapixels", "1")
    return bundle, code, server


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_its_status(name, answered):
    assert status_of(answered[0])[name] == ANSWERS[name][1]


def test_addresses_that_are_not_asked(answered):
    found = status_of(answered[0])
    assert {name: found[name] for name in ("no picture", "script")} == {"no picture": "missing", "script": "missing"}
    assert {found[name] for name in ("ftp", "no host", "bad host", "up")} == {"refused"}


def test_unreachable_pictures_fail_the_check(answered):
    assert answered[1] == 1


def test_stored_pictures_are_small_webp_that_verify_accepts(answered, capsys):
    bundle = answered[0]
    done = table(bundle).query("status == 'done'")
    for name in done["file"]:
        with Image.open(bundle / "images" / name) as image:
            assert image.format == "WEBP"
            assert max(image.size) <= SIDE
    with Image.open(bundle / "images" / done.loc["large", "file"]) as image:
        assert image.size == (512, 341)
    assert main(["verify", str(bundle)]) == 0
    assert f"{len(done)} pictures decode" in capsys.readouterr().out


def test_file_names_come_from_the_content_alone(answered):
    bundle = answered[0]
    assert all(is_ours(name) for name in table(bundle)["file"].dropna())
    assert {p.relative_to(bundle / "images").as_posix() for p in (bundle / "images").rglob("*.*")} == set(
        table(bundle)["file"].dropna()
    )
    assert sorted(p.name for p in bundle.parent.iterdir()) == ["bundle"]
    assert not (bundle / ".images").exists()


def test_connections_are_kept(answered):
    server = answered[2]
    assert server.connections < len(server.log) / 2 + 8


def test_default_pictures_are_missing_and_duplicates_shown_but_not_encoded(tmp_path, capsys):
    default, shared = picture(1), picture(2)
    with BadServer({DEFAULT_PATH: default, "/same": default, "/a": shared, "/b": shared, "/c": picture(3)}) as server:
        paths = {"known": DEFAULT_PATH, "same": "/same", "a": "/a", "b": "/b", "c": "/c"}
        bundle = make_bundle(tmp_path / "bundle", {name: server.url(path) for name, path in paths.items()})
        assert images(bundle) == 0
        found = status_of(bundle)
        first, second = sorted("ab", key=load_bundle(bundle).products["product_id"].tolist().index)
        expected = {"known": "default picture", "same": "default picture", first: "done", second: "duplicate"}
        assert found == expected | {"c": "done"}
        # What the app shows, and what encode reads.
        dataset = load_bundle(bundle)
        shown = dataset.products.set_index("product_id")["image"]
        assert set(shown.dropna().index) == {first, second, "c"}
        assert shown[first] == shown[second]
        read = dict(zip(dataset.products["product_id"], picture_files(dataset), strict=True))
        assert {name for name, file in read.items() if file is not None} == {first, "c"}
        checks = {check.name: check.text for check in quick_checks(dataset)}
        assert checks["Pictures"] == "2 of 5 products have no picture to show."
        assert "1 duplicate" in checks["Stored pictures"]
        assert "Picture addresses" not in checks
        assert "2 done, 2 default picture, 1 duplicate" in capsys.readouterr().out
        # Shared on request, and back, without asking the server again.
        asked, before = len(server.log), files(bundle)
        assert images(bundle, "--duplicates", "share") == 0
        assert status_of(bundle) == expected | {"c": "done", second: "done"}
        assert table(bundle)["file"][first] == table(bundle)["file"][second]
        assert load_bundle(bundle).products["image"].notna().sum() == 3
        assert images(bundle) == 0
        assert files(bundle) == before
        assert len(server.log) == asked


def test_the_app_falls_back_on_the_address_only_where_it_may_help(tmp_path):
    with BadServer(
        {"/busy": Resource(faults=list(statuses(500, 500, 500))), "/bad": b"<html>", "/good": picture(1)}
    ) as server:
        urls = {name: server.url(f"/{name}") for name in ("busy", "bad", "good", "gone")}
        bundle = make_bundle(tmp_path / "bundle", urls)
        images(bundle)
    shown = dict(load_bundle(bundle).products.set_index("product_id")["image"].dropna())
    assert shown.pop("good") == table(bundle)["file"]["good"]
    assert shown == {"busy": urls["busy"]}


def test_a_second_run_asks_only_for_what_may_be_better_now(tmp_path):
    resources = {"/good": Resource(picture(1)), "/busy": Resource(picture(2), faults=list(statuses(500, 500, 500)))}
    with BadServer(resources) as server:
        bundle = make_bundle(tmp_path / "b", {name: server.url(f"/{name}") for name in ("good", "busy", "gone")})
        assert images(bundle) == 1
        asked = len(server.log)
        assert images(bundle) == 0
        assert [request.path for request in server.log[asked:]] == ["/busy"]
        assert status_of(bundle) == {"good": "done", "busy": "done", "gone": "gone"}


def test_one_address_of_many_products_is_asked_once(tmp_path):
    with BadServer({"/a": picture(1)}) as server:
        bundle = make_bundle(tmp_path / "b", {f"P{i}": server.url("/a") for i in range(9)})
        assert images(bundle, "--duplicates", "share") == 0
        assert len(server.log) == 1
        assert set(status_of(bundle).values()) == {"done"}


def test_no_network_is_one_sentence_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(web, "_LOST_AFTER", 3)
    bundle = make_bundle(tmp_path / "b", {f"P{i}": f"http://127.0.0.1:1/{i}" for i in range(30)})
    before = files(bundle)
    assert images(bundle, "--workers", "2") == 2
    assert "none of 30 pictures could be reached" in capsys.readouterr().err.splitlines()[-1]
    assert files(bundle) == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--workers", "0"), "must be positive"),
        (("--max-mb", "-1"), "must be positive"),
        (("--max-mb", "inf"), "must be positive"),
        (("--max-megapixels", "nan"), "must be positive"),
        (("--from", "nowhere"), "is not a folder"),
    ],
)
def test_refused_with_one_sentence(more, message, tmp_path, capsys):
    bundle = make_bundle(tmp_path / "b", {"P": "https://h.example/a.png"})
    before = files(bundle)
    assert images(bundle, *more) == 2
    assert message in capsys.readouterr().err
    assert files(bundle) == before


def test_a_full_disk_is_one_sentence_and_what_is_stored_stays(tmp_path, capsys, monkeypatch):
    from precompute.images import store

    def full(**_):
        raise OSError(28, "No space left on device")

    with BadServer({f"/{i}": picture(i) for i in range(3)}) as server:
        bundle = make_bundle(tmp_path / "b", {f"P{i}": server.url(f"/{i}") for i in range(3)})
        with monkeypatch.context() as patch:
            patch.setattr(store.tempfile, "mkstemp", full)
            assert images(bundle) == 2
        assert "No space left" in capsys.readouterr().err
        assert "images.parquet" not in read_manifest(bundle).files
        assert images(bundle) == 0
        assert set(status_of(bundle).values()) == {"done"}


# --- politeness ---


def test_retry_after_as_seconds_as_a_date_and_as_nonsense():
    from datetime import datetime, timedelta
    from email.utils import format_datetime

    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert retry_after("7") == 7
    assert 25 < retry_after(format_datetime(soon)) <= 30
    assert [retry_after(text) for text in ("", "soon", "-3", "Wed, 99 Nov 2020")] == [0, 0, 0, 0]


class WatchedStop(Event):
    """Tells of each worker that sets out to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: Queue[float | None] = Queue()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.put(timeout)
        return super().wait(timeout)


def test_where_one_worker_is_told_to_wait_all_wait():
    busy = Resource(picture(0), faults=[Status(429, {"Retry-After": "100"})])
    with BadServer({"/busy": busy, **{f"/{i}": picture(i) for i in range(3)}}) as server, ThreadPoolExecutor(4) as pool:
        client = Web(QUICK, WatchedStop())
        asked = [pool.submit(client.get, server.url("/busy"))]
        waits = [client.stop.waits.get(timeout=60)]
        asked += [pool.submit(client.get, server.url(f"/{i}")) for i in range(3)]
        waits += [client.stop.waits.get(timeout=60) for _ in range(3)]
        client.stop.set()
        assert all(0 < wait <= 100 for wait in waits)
        assert [each.result().reason for each in asked] == ["answered 429", *["interrupted"] * 3]
        assert len(server.log) == 1


def test_no_more_than_the_workers_ask_at_once(tmp_path):
    with BadServer({f"/{i}": picture(i) for i in range(40)}, latency=0.01) as server:
        bundle = make_bundle(tmp_path / "b", {f"P{i}": server.url(f"/{i}") for i in range(40)})
        assert images(bundle, "--workers", "3") == 0
        assert server.most_at_once <= 3
        assert server.connections <= 3


def test_a_body_that_never_ends_is_left():
    with BadServer({"/slow": Resource(b"x" * 200_000, chunk_seconds=0.05)}) as server:
        found = Web(replace(QUICK, seconds=0.1)).get(server.url("/slow"))
        assert getattr(found, "status", None) == "unreachable"
    with BadServer({"/stalls": Resource(picture(1), faults=[Stall(10)])}) as server:
        # On a busy machine an answer may take longer than that: asked again and again, one comes in time.
        assert Web(Limits(internal=True, patience=replace(QUICK.patience, attempts=50, read_seconds=0.2))).get(
            server.url("/stalls")
        ) == picture(1)
