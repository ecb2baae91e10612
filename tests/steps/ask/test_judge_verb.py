"""The verb judge: what it prints, what it refuses, and that the key is nowhere."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from judge_desk import SECRET, Desk
from model_server import ModelServer, Raw, completion, refuses, says

from precompute.__main__ import main


@pytest.fixture
def words(desk: Desk, monkeypatch) -> list[str]:
    """A command line that lacks its endpoint."""
    monkeypatch.setenv("SQID_STATE", str(desk.state))
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    monkeypatch.setenv("SQID_JUDGE_KEY", SECRET)
    return ["judge", str(desk.bundle), "--book", "Lamps", "--model", "tiny-model", "--endpoint"]


def test_it_judges_and_says_what_came_of_it(words, desk, capsys):
    with ModelServer([says(None, unrateable=True), completion("hm"), completion("hm")]) as server:
        money = ["--price-in", "2", "--price-out", "10", "--budget", "1"]
        assert main([*words, server.url, *money, "--in-flight", "1"]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert printed[0] == "12 pairs of the book Lamps to judge"
        assert printed[-5:-1] == [
            "judged 11: 10 labelled, 1 unrateable",
            "unusable 1: no answer of the form asked for (1)",
            "used 1,300 tokens sent and 260 received, for 0.0052",
            f"stored as the judge tiny-model, {next(iter(desk.store.judges()))}",
        ]
        assert printed[-1] == "how far it agrees with people is not known: no pair was labelled by both"
        assert main([*words, server.url]) == 0
        assert "1 pair of the book Lamps to judge, 11 judged before" in capsys.readouterr().out


def test_a_dry_run_asks_and_stores_nothing(words, desk, capsys):
    with ModelServer() as server:
        assert main([*words, server.url, "--dry-run", "--pictures", "--price-in", "2"]) == 0
        assert server.asked == []
    printed = capsys.readouterr().out
    assert "[system]\nYou judge how well" in printed
    assert "A lamp **without** a shade is S." in printed
    assert "(picture: data:image/jpeg;base64, " in printed
    assert printed.splitlines()[-1].startswith("12 pairs: about ")
    assert ", for 0." in printed
    assert desk.store.judges() == {}
    assert desk.acts().empty


def test_the_key_is_nowhere(words, desk, tmp_path, capsys, caplog):
    """Whatever a server does with it: repeats it in an error, in an answer, hides it in JSON."""
    caplog.set_level(logging.DEBUG)
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
    script = [
        says("Exact", f"the key is {SECRET}"),
        completion(f'{{"label": "Exact", "explanation": "the key is {hidden}"}}'),
        completion(f'{{"label": "{SECRET}"}}'),
        completion(f'{{"label": "{hidden}"}}'),
        refuses(422, SECRET),
        refuses(422, SECRET),
        refuses(422, SECRET),
        refuses(422, SECRET),
        refuses(422, SECRET),
        refuses(422, SECRET),
        Raw(json.dumps({"error": {"message": f"Incorrect API key provided: {SECRET}"}}).encode(), 401),
    ]
    with ModelServer(script, usual=script[-1]) as server:
        assert main([*words, server.url + "?token=hush-hush", "--in-flight", "1"]) == 1
    assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    said = "".join(capsys.readouterr())
    assert "Incorrect API key provided: [key]" in said
    assert "unusable 1: another scale: '[key]'" in said
    assert list(desk.acts("explanation")["value"]) == ["the key is [key]"] * 2
    everything = said + caplog.text + str([judge.about for judge in desk.store.judges().values()])
    assert SECRET not in everything
    assert "hush-hush" not in said
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["http://10.1.2.3:8000/v1"], "plain http: the key would cross the network unencrypted"),
        (["no address"], "--endpoint is no address"),
        (["http://localhost:1", "--budget", "3"], "--budget needs --price-in and --price-out"),
        (["http://localhost:1", "--price-in", "-1"], "--price-in must be 0 or more"),
        (["http://localhost:1", "--price-in", "nan"], "--price-in must be 0 or more"),
        (["http://localhost:1", "--in-flight", "0"], "--in-flight must be between 1 and 64"),
        (["http://localhost:1", "--prompt", "nowhere.txt"], "nowhere.txt is not there"),
        (["http://localhost:1", "--book", "Shoes"], "tiny has no book 'Shoes'; there are: Lamps (book1)"),
        (["http://localhost:1", "--model", " "], "--model is empty"),
    ],
)
def test_what_is_refused_is_one_sentence(words, more, sentence, capsys):
    assert main([*words, *more]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert SECRET not in said


def test_a_prompt_of_ones_own(words, tmp_path, capsys):
    own = tmp_path / "own.txt"
    own.write_text("Be quick.\n{{labels}}{{guidelines}}{{answer}}\n[user]\n{{query}}{{product}}")
    with ModelServer() as server:
        assert main([*words, server.url, "--prompt", str(own)]) == 0
        assert server.asked[0]["messages"][0]["content"].startswith("Be quick.\n- Exact (E)")
        assert main([*words, server.url]) == 0
    assert len(server.asked) == 24
    own.write_text("{{labels}}")
    assert main([*words, server.url, "--prompt", str(own)]) == 2
    assert "has 0 lines [user]" in capsys.readouterr().err


def test_without_a_store_it_is_one_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SQID_STATE", str(Path(words[1]) / "state"))
    assert main([*words, "http://localhost:1"]) == 2
    assert "lies in the bundle" in capsys.readouterr().err
