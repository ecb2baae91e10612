"""Leads, and judges who are forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from judged import act

from precompute.__main__ import main
from sqid_core.judging.acts import standing
from sqid_core.judging.store import Judge, Store
from sqid_core.store import lead_codes, sql_store
from sqid_core.store.opening import open_store
from sqid_core.store.state_folder import FILE

SECRETS = ("Ann Example", "my own words", "a private reason", "q=typed")


def test_a_code_makes_one_judge_a_lead_once(store: Store, ann: Judge) -> None:
    bob = store.enrol("Bob's secret", "Bob")
    code, other = store.lead_code(), store.lead_code()
    assert not store.redeem("", ann.id)
    assert not store.redeem(code[:-1], ann.id)
    assert not store.redeem("\0\ud83c", ann.id)
    assert store.redeem(f" {code}\n", ann.id)
    assert not store.redeem(code, ann.id)
    assert not store.redeem(code, bob.id)
    assert [judge.role for judge in store.judges().values()] == ["lead", "judge"]
    assert store.redeem(other, bob.id)


def test_a_code_is_good_for_a_day(store: Store, ann: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    now = sql_store._now()
    day = 24 * 3600 * 1_000_000
    monkeypatch.setattr(sql_store, "_now", lambda: now)
    codes = [store.lead_code() for _ in range(2)]
    monkeypatch.setattr(sql_store, "_now", lambda: now + day - 1)
    assert store.redeem(codes[0], ann.id)
    monkeypatch.setattr(sql_store, "_now", lambda: now + day)
    assert not store.redeem(codes[1], ann.id)
    assert day == lead_codes.LASTING


def test_who_is_forgotten_leaves_labels_alone(store: Store, ann: Judge) -> None:
    bob = store.enrol("Bob's secret", "Bob")
    link = "/compare?q=typed"
    sent = [
        act("1", value="Exact"),
        act("2", "note", value="my own words", link=link, number=2),
        act("3", "explanation", value="a private reason", number=3),
        act("4", "tag", value="label wrong", link=link, number=4),
        act("5", "undo", value="4", number=5),
        act("6", "note", value="", number=6),
    ]
    store.add(sent, ann.id, "demo", "f")
    store.add([act("b", "note", value="his words", link=link)], bob.id, "other", "f")
    before = store.acts("demo")
    for _ in range(2):
        store.forget(ann.id)
    after = store.acts("demo")
    assert list(after["value"]) == ["Exact", "[removed]", "[removed]", "label wrong", "4", ""]
    assert set(after["link"]) == {""}
    kept = [name for name in before if name not in ("value", "link")]
    assert after[kept].equals(before[kept])
    assert standing(after)["value"].to_list() == ["Exact"]
    assert store.judges()[ann.id] == Judge(ann.id, "forgotten")
    assert store.judge_of("Ann's secret") is None
    assert store.enrol("Ann's secret", "Ann").id != ann.id
    assert store.acts("other")[["value", "link"]].to_numpy().tolist() == [["his words", link]]
    assert store.judge_of("Bob's secret") == bob


def test_nothing_of_the_forgotten_is_left_in_the_file(tmp_path: Path) -> None:
    """Not in free pages, and not in SQLite's log."""
    store = open_store(tmp_path)
    ann = store.enrol("secret", "Ann Example")
    sent = [
        act("1", "note", value="my own words " + "x" * 9000, link="/?q=typed"),
        act("2", "explanation", value="a private reason"),
    ]
    store.add(sent, ann.id, "demo", "f")
    assert all(secret in _content(tmp_path) for secret in SECRETS)
    store.forget(ann.id)
    assert not [secret for secret in SECRETS if secret in _content(tmp_path)]


def _content(folder: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in folder.glob(f"{FILE}*"))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    return open_store(tmp_path / "state")


def test_the_command_prints_a_link_that_makes_a_lead(state: Store, capsys: Any) -> None:
    ann = state.enrol("secret", "Ann")
    assert main(["judgements", "lead-code", "--app", "https://example.org/sqid/"]) == 0
    link = capsys.readouterr().out.splitlines()[0]
    start, code = link.split("?lead=")
    assert start == "https://example.org/sqid/judge"
    assert state.redeem(code, ann.id)


def test_the_command_forgets_whom_it_names(state: Store, capsys: Any) -> None:
    state.enrol("secret 0", "Ann")
    bob, other = (state.enrol(f"secret {i}", "Bob") for i in (1, 2))
    assert main(["judgements", "forget", "Bob"]) == 2
    said = capsys.readouterr().err
    assert bob.id in said
    assert other.id in said
    assert main(["judgements", "forget", "Nobody"]) == 2
    assert "there is no judge 'Nobody'" in capsys.readouterr().err
    assert main(["judgements", "forget", "Ann"]) == main(["judgements", "forget", bob.id]) == 0
    assert [judge.name for judge in state.judges().values()] == ["forgotten", "forgotten", "Bob"]


def test_the_commands_end_in_a_sentence(tiny_bundle: Path, monkeypatch: Any, capsys: Any) -> None:
    for words in (["judgements"], ["judgements", "forgett", "x"], ["judgements", "forget"], ["judgements", "--x"]):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert said.startswith("precompute: ")
        assert said.count("\n") == 1
    for name, place in (("SQID_STATE", str(tiny_bundle)), ("SQID_DATABASE_URL", "mysql://host/db")):
        monkeypatch.setenv(name, place)
        assert main(["judgements", "lead-code"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
