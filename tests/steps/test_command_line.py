"""The command line: verbs, help, exit codes, and one sentence instead of a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from places import ROOT

from precompute.__main__ import VERBS, main
from precompute.commands.terminal import Terminal, count_line, duration
from precompute.work.progress import Counter, ProgressEvent, tell
from sqid_core import __version__
from sqid_core.errors import BundleError, CheckError, EncoderError, InputError


def test_overview_names_every_verb(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {verb} " in shown for verb in VERBS)
    assert main([]) == 2


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example_that_parses(verb, capsys):
    assert main([verb, "--help"]) == 0
    assert f"example:\n  python -m precompute {verb} " in capsys.readouterr().out


def test_help_of_all_verbs_imports_no_model_library():
    code = (
        "import sys\nfrom precompute.__main__ import main\nmain(['--help'])\n"
        "if 'pandas' in sys.modules: sys.exit('the overview imported a verb')\n"
        f"for verb in {tuple(VERBS)}: main([verb, '--help'])\n"
        "heavy = {'torch', 'open_clip', 'sentence_transformers', 'streamlit', 'hnswlib'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_unknown_verb_and_options(capsys):
    assert main(["evalute"]) == 2
    assert "choose one of: demo" in capsys.readouterr().err
    for words in (
        ["evaluate", "somewhere", "--nonsense"],
        ["evaluate"],
        ["encode", "b", "--signal", "s", "--modality", "sound", "--model", "m"],
        ["index", "b", "--ef", "many"],
        ["verify", "one", "two"],
        ["--nonsense"],
    ):
        assert main(words) == 2
        shown = capsys.readouterr()
        assert shown.err.startswith("precompute: ")
        assert shown.err.endswith("--help\n")
        assert (shown.out, shown.err.count("\n")) == ("", 1)


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"SQID Explorer {__version__}\n"


def test_a_shell_completes_verbs_and_choices():
    def completed(words: str) -> set[str]:
        asked = {"_SQID_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        command = [sys.executable, "-m", "precompute"]
        ran = subprocess.run(command, cwd=ROOT, env=os.environ | asked, capture_output=True, text=True)
        return {line.partition(",")[2] for line in ran.stdout.splitlines()}

    assert completed("sqid ev") == {"evaluate"}
    assert completed("sqid import --version ") == {"small", "large", "all"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("the file is wrong"), 2),
        (BundleError("the bundle is wrong"), 2),
        (EncoderError("no such model"), 2),
        (CheckError("recall is low"), 1),
        (KeyboardInterrupt(), 130),
        (OSError(errno.ENOSPC, "No space left on device", "x.npy"), 2),
        (OSError("768 requested and 512 written"), 2),
    ],
)
def test_exit_codes(error, code, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr("precompute.commands.verify_verb.verify", fail)
    assert main(["verify", "somewhere"]) == code
    said = capsys.readouterr().err
    assert said.startswith("precompute: ")
    assert said.count("\n") == 1


def test_faults_of_the_program_are_not_hidden(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("precompute.commands.verify_verb.verify", fail)
    with pytest.raises(ZeroDivisionError):
        main(["verify", "somewhere"])


def test_as_a_module_and_into_a_closed_pipe(tmp_path):
    command = [sys.executable, "-m", "precompute", "verify", str(tmp_path / "nothing")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "is no folder; give the folder of a bundle" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_progress_says_rate_and_time_left():
    events: list[ProgressEvent] = []
    with Counter(events.append, "encoding", 1000, "texts", done=400) as counter:
        counter.advance(100)
        counter.advance(500)
    first, half, whole, last = events
    assert count_line(first, half, seconds=2.0) == "encoding: 500 of 1,000 texts, 50/s, 10 s left"
    assert count_line(first, whole, seconds=4.0) == "encoding: 1,000 of 1,000 texts, 150/s, 4.0 s"
    assert last == replace(whole, last=True)
    assert [duration(s) for s in (0.44, 34, 700, 12600)] == ["0.4 s", "34 s", "12 min", "3.5 h"]


def test_a_log_gets_the_last_count_and_a_terminal_one_line_that_is_rewritten(capsys):
    log = io.StringIO()
    show = Terminal(log)
    with Counter(show, "encoding", 3, "texts") as counter:
        for _ in range(3):
            counter.advance()
    tell(show, "encoding", "three texts")
    assert log.getvalue().startswith("encoding: 3 of 3 texts")
    assert log.getvalue().count("\n") == 1
    assert capsys.readouterr().out == "three texts\n"
    log = io.StringIO()
    log.isatty = lambda: True
    with Counter(Terminal(log), "encoding", 3, "texts") as counter:
        counter.advance(3)
    assert log.getvalue().startswith("\r\033[Kencoding: 3 of 3 texts")
    assert log.getvalue().endswith("\n")


def test_a_sentence_that_quotes_a_damaged_file_cannot_steer_the_terminal(tmp_path, capsys):
    hostile = tmp_path / "examples.csv"
    hostile.write_bytes(b"query_id\n1,\x1b[2J\x07,x\n")
    assert main(["import", "--examples", str(hostile), "--products", str(hostile), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("precompute: ")
    assert "\x1b" not in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("error", [RuntimeError("release unlocked lock"), EncoderError("the model is broken")])
def test_an_interruption_that_comes_out_as_another_error_is_one(error, monkeypatch, capsys):
    def interrupted(*_):
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise error

    monkeypatch.setattr("precompute.__main__._main", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore Ctrl-C
    try:
        assert main(["verify", "x"]) == 130
    finally:
        restored = signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "precompute: interrupted; run the same command again to go on\n"
    assert restored is signal.default_int_handler
