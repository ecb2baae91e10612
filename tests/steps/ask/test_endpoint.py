"""Where a key may go, where it is never seen, and a purse that is never overdrawn."""

from __future__ import annotations

import threading

import pytest

from precompute.ask.endpoint import endpoint_of
from precompute.ask.endpoint_key import Key, key_of
from precompute.ask.replies import error_words
from precompute.ask.spending import Prices, Purse, Tokens
from sqid_core.errors import InputError

SECRET = "sk-test-0123456789abcdef"
KEY, NONE = Key(SECRET), Key("")


@pytest.mark.parametrize(
    ("address", "whole", "host"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions", "api.openai.com"),
        ("https://API.openai.com/v1/", "https://api.openai.com/v1/chat/completions", "api.openai.com"),
        ("https://h/v1/chat/completions", "https://h/v1/chat/completions", "h"),
        ("https://h/x?api-version=2#f", "https://h/x/chat/completions?api-version=2", "h"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1/chat/completions", "localhost:8000"),
        ("http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/chat/completions", "127.0.0.1:1"),
        ("http://[::1]:1", "http://[::1]:1/chat/completions", "[::1]:1"),
    ],
)
def test_addresses(address, whole, host):
    found = endpoint_of(address, KEY)
    assert (found.address, found.host) == (whole, host)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.org/v1",
        "http://10.0.0.5:8000/v1",
        "http://localhost.example.org/v1",
        "http://127.0.0.1.nip.io/v1",
        "http://0.0.0.0:8000/v1",
        "http://2130706433/v1",
        "HTTP://example.org/v1",
    ],
)
def test_a_key_crosses_no_network_in_the_open(address):
    with pytest.raises(InputError, match="unencrypted") as refusal:
        endpoint_of(address, KEY)
    assert SECRET not in str(refusal.value)
    assert endpoint_of(address, NONE).address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org/v1",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        f"https://user:{SECRET}@example.org/v1",
        "http://localhost\\@example.org/v1",
        "http://localhost @example.org/",
        "https://h/\r\nX: y",
        "https://[::1/v1",
        "https://h:99999999/v1",
    ],
)
def test_what_is_no_address(address):
    with pytest.raises(InputError, match="--endpoint") as refusal:
        endpoint_of(address, NONE)
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize("value", [f"{SECRET}\nX-Other: y", f"Bearer {SECRET}", f"{SECRET}é", "\0", "x" * 9_000])
def test_what_is_no_key(value):
    with pytest.raises(InputError, match="SQID_JUDGE_KEY") as refusal:
        key_of({"SQID_JUDGE_KEY": value})
    assert SECRET not in str(refusal.value)


def test_a_key_shows_itself_nowhere():
    key = key_of({"SQID_JUDGE_KEY": f" {SECRET}\n"})
    assert SECRET not in f"{key!r} {key} {[key]}"
    assert key.headers() == {"Authorization": f"Bearer {SECRET}"}
    assert key.hidden_in(f"wrong key {SECRET}!") == "wrong key [key]!"
    assert not key_of({})
    assert key_of({}).headers() == {}
    # A word that stands for no key is no secret, and part of other words.
    assert Key("none").hidden_in("nonesuch") == "nonesuch"


def test_words_of_a_server_steer_no_terminal():
    assert error_words(b'{"error": {"message": "a\\u001b[2Jb\\nc"}}') == "a [2Jb c"
    assert error_words(b'{"error": "plain"}') == "plain"
    assert error_words(b'{"detail": [{"msg": "x"}]}') == '[{"msg": "x"}]'
    assert [error_words(body) for body in (b"", b"<html>", b"{}", b"[" * 9_999, b'{"error": 5}', b"\xff")] == [""] * 6
    assert len(error_words(b'{"message": "%s"}' % (b"x" * 9_999))) == 200


def test_a_purse_is_never_overdrawn():
    purse = Purse(Prices(1e6, 1e6), budget=1_000)
    most, used, seen = Tokens(60, 40), Tokens(30, 11), []

    def spend() -> None:
        while (taken := purse.reserve(most)) is not None:
            seen.append(purse.cost)
            purse.settle(taken, used)

    threads = [threading.Thread(target=spend) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # As many as fit when each must have room for the most that it may cost.
    assert purse.cost == 41 * len(seen) == 41 * 22
    assert purse.exhausted
    assert purse.reserve(Tokens(1, 1)) is None


def test_a_purse_without_a_budget_counts():
    purse = Purse(Prices(2.0, 10.0))
    for used in (Tokens(500_000, 10_000), None):
        taken = purse.reserve(Tokens(1_000_000, 100_000))
        assert taken is not None
        purse.settle(taken, used)
    assert (purse.spent, purse.guessed, purse.exhausted) == (Tokens(1_500_000, 110_000), 1, False)
    assert purse.cost == pytest.approx(4.1)
