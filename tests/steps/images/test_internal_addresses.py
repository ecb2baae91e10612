"""A data set's addresses lead to the internet, never to this machine or its network."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from bad_server import BadServer, Resource, Status
from image_runs import QUICK, status_of
from pictured import make_bundle, picture

from precompute.__main__ import main
from precompute.images import guarded
from precompute.images.web import Web

pytestmark = pytest.mark.usefixtures("quick")
GUARDED = replace(QUICK, internal=False)
# The same machine, as strangers write it.
FORMS = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("host", FORMS)
def test_no_form_of_this_machine_is_asked(host):
    with BadServer({"/a": picture(1)}) as server:
        for path in ("/a", "/a?x=1"):
            found = Web(GUARDED).get(f"http://{host}:{server.port}{path}")
            assert (found.status, "leads to an address of this machine" in found.reason) == ("refused", True)
        assert not server.log


@pytest.mark.parametrize(
    "to", ["http://127.0.0.2:{}/a", "http://2130706434:{}/a", "//127.0.0.2:{}/a", "http://inside:{}/a"]
)
def test_no_redirect_leads_inside(to, monkeypatch):
    """127.0.0.1 stands for the internet here, all else of this machine stays inside."""
    look_up, internal = socket.getaddrinfo, guarded.is_internal
    monkeypatch.setattr(guarded, "is_internal", lambda address: address != "127.0.0.1" and internal(address))
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: look_up("127.0.0.2" if host == "inside" else host, *a, **k)
    )
    with BadServer({"/a": picture(1)}) as inside:
        leads = Resource(faults=[Status(302, {"Location": to.format(inside.port)})])
        with BadServer({"/a": picture(1), "/leads": leads}) as outside:
            assert Web(GUARDED).get(outside.url("/a")) == picture(1)
            assert Web(GUARDED).get(outside.url("/leads")).status == "refused"
        assert not inside.log


@pytest.mark.parametrize(
    "address",
    "10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1%eth0 "
    "fd00::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: ff02::1 nonsense".split(),
)
def test_what_the_internet_does_not_reach(address):
    assert guarded.is_internal(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_what_it_reaches(address):
    assert not guarded.is_internal(address)


def test_a_name_that_leads_both_ways_is_refused(monkeypatch):
    both = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    assert Web(GUARDED).get("http://shop.example/a.jpg").status == "refused"


def test_the_verb_asks_them_only_where_told(tmp_path):
    with BadServer({"/a": picture(1)}) as server:
        bundle = make_bundle(tmp_path / "b", {"P1": server.url("/a")})
        assert main(["images", str(bundle)]) == 0
        assert status_of(bundle) == {"P1": "refused"}
        assert main(["images", str(bundle), "--internal"]) == 0
        assert status_of(bundle) == {"P1": "done"}
