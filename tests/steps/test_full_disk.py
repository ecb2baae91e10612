"""A disk that is full: one sentence, exit code 2, nothing half-written taken for whole; with space again, the same
command does its work. A small disk in memory where mounting is allowed, a limit on the size of a file everywhere."""

from __future__ import annotations

import random
import shutil
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nursery import Outcome
from test_killed_verbs import VERBS, Job, Place, content, nursery, place
from test_own import command, folder, products

from sqid_core.bundle.load import load_bundle

__all__ = ["folder", "nursery", "place"]
# How many sizes of disk each verb is tried with.
STEPS = 4


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB in memory; skipped where the tests may not mount one."""
    where = tmp_path / "disk"
    where.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(where)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def free(disk: Path) -> int:
    return shutil.disk_usage(disk).free


def leave_only(disk: Path, space: int) -> Path:
    """Fills the disk with a file, so that so many bytes are left."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        file.write(b"x" * (free(disk) - space))
    return filler


def refused(found: Outcome) -> None:
    """The verb said one sentence and ended with 2."""
    assert found.code == 2, found.said
    assert "Traceback" not in found.said
    sentences = [line for line in found.said.splitlines() if line.startswith("precompute: ")]
    assert len(sentences) == 1, found.said


@pytest.mark.parametrize("verb", ["import", "own", "images", "encode", "index", "categories", "run-file"])
def test_no_space_left(verb, nursery, place, disk):
    """As much space as a part of what the verb writes, from nothing to nearly all."""
    job, whole, out = VERBS[verb](place), place.path / "whole", disk / "out"
    assert nursery.run(job.words(job.fresh(whole))).code == 0
    expected = content(whole)
    start = free(disk)
    job.fresh(out)
    before = content(out)
    at_start = start - free(disk)
    assert nursery.run(words(job, out, place)).code == 0
    written = start - free(disk) - at_start
    refusals = 0
    for step in range(STEPS):
        job.fresh(out)
        filler = leave_only(disk, written * step // STEPS)
        full = nursery.run(words(job, out, place))
        filler.unlink()
        if full.code == 0:
            continue  # what it wrote and removed again was the most of it
        refusals += 1
        refused(full)
        if job.start is not None:
            assert untouched(out, before)
        elif out.exists():
            # `own` makes a bundle, whole in itself, before it stores the pictures.
            assert verb == "own"
            load_bundle(out)
        assert not list(out.rglob("*.partial"))
        again = nursery.run(words(job, out, place))
        assert again.code == 0, again.said
        assert content(out) == expected
    assert refusals


def untouched(bundle: Path, before: dict[str, Any]) -> bool:
    """Whether every file that was there is as it was. The manifest may have disowned what was to be replaced."""
    now = content(bundle)
    return all(now[name] == body for name, body in before.items() if name != "manifest.json")


def words(job: Job, out: Path, place: Place) -> list[str]:
    """The verb's command line on the small disk: the jobs of own name their folder below the test's own."""
    return [str(out) if word == str(place.path / out.name) else word for word in job.words(out)]


def test_files_may_not_grow(nursery, tmp_path):
    """A limit on the size of a file stands for a full disk: the same errors come from the same calls."""
    refused(nursery.run(command(tmp_path, products=big_products(), out="out"), largest_file=3000))
    assert not (tmp_path / "out").exists()


def big_products():
    frame = products().drop(columns="image")
    letters = random.Random(0)
    return frame.assign(description=["".join(letters.choices(string.printable, k=9000)) for _ in range(len(frame))])
