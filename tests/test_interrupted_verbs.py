"""kill -9 at moments spread over a verb's run, then the same command again: the bundle is the undisturbed one's, byte
for byte. And a disk that is full: one sentence, exit code 2, nothing left behind."""

from __future__ import annotations

import random
import resource
import signal
import string
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import raw_esci
from test_precompute_own import command, folder, products

from sqid_core.bundle import load_bundle

__all__ = ["folder"]
ROOT = Path(__file__).parents[1]
# Shares of an undisturbed run's time: the first half of it is Python's start and imports.
MOMENTS = (0.5, 0.7, 0.85, 0.95)


def start(words: list[str], **options: object) -> subprocess.Popen:
    program = [sys.executable, "-m", "precompute", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(program, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, **options)  # type: ignore[call-overload]


def content(bundle: Path) -> dict[str, bytes]:
    """All that the manifest names and the manifest, indexes aside; pictures too."""
    named = [name for name in load_bundle(bundle).manifest.files if not name.endswith("index.hnsw")]
    pictures = [path.relative_to(bundle).as_posix() for path in (bundle / "images").rglob("*.webp")]
    return {name: (bundle / name).read_bytes() for name in (*named, *pictures)}


def import_words(tmp_path: Path) -> Callable[[str], list[str]]:
    files = raw_esci.write(tmp_path / "raw")
    return lambda out: [*raw_esci.options(files), "--out", str(tmp_path / out)]


def own_words(tmp_path: Path) -> Callable[[str], list[str]]:
    return lambda out: command(tmp_path, pictures=tmp_path / "pictures", out=out)


def sqid_words(tmp_path: Path) -> Callable[[str], list[str]]:
    files = raw_esci.write(tmp_path / "raw")
    for name, real in (
        ("examples", "shopping_queries_dataset_examples"),
        ("products", "shopping_queries_dataset_products"),
    ):
        files[name].rename(files[name].with_name(f"{real}.parquet"))
    options = ["--esci-dir", str(tmp_path / "raw"), "--sqid-dir", str(tmp_path / "raw"), "--partial", "--offline"]
    return lambda out: ["sqid", *options, "--out", str(tmp_path / out)]


VERBS = {"import": import_words, "own": own_words, "sqid": sqid_words}


@pytest.mark.parametrize("verb", VERBS)
def test_killed_and_run_again(verb, tmp_path, folder):
    words = VERBS[verb](tmp_path)
    started = time.monotonic()
    undisturbed = start(words("whole"))
    assert undisturbed.wait() == 0, undisturbed.communicate()
    seconds = time.monotonic() - started
    for moment in MOMENTS:
        child = start(words("killed"))
        time.sleep(seconds * moment)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    again = start(words("killed"))
    assert again.communicate()[1].count("precompute: ") == 0
    assert again.returncode == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert not list((tmp_path / "killed").rglob("*.partial"))


@pytest.mark.parametrize("verb", ["import", "own"])
def test_no_space_left(verb, tmp_path, folder):
    """A limit on the size of a file stands for a full disk: the same errors come from the same calls."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    words = VERBS[verb](tmp_path)("out") if verb == "import" else command(tmp_path, products=big_products(), out="out")
    child = start(words, preexec_fn=small_files)
    said = child.communicate()[1]
    assert child.returncode == 2, said
    assert "Traceback" not in said
    assert [line for line in said.splitlines() if line.startswith("precompute: ")] == [said.splitlines()[-1]]
    assert not (tmp_path / "out").exists()


def big_products():
    frame = products().drop(columns="image")
    letters = random.Random(0)
    return frame.assign(description=["".join(letters.choices(string.printable, k=9000)) for _ in range(len(frame))])
