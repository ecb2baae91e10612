"""kill -9 at any moment of images and encode, then the same command: the bytes of a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bad_server import BadServer
from test_precompute_images import DEFAULT_PATH, files, make_bundle, picture
from tiny_models import write_random_clip

ROOT = Path(__file__).parents[1]
# The verbs take about a second from the first file they touch; the moments are spread over that.
MOMENTS = 10


def run_verb(command: list[str], kill_when: Path | None = None, after: float = 0.0) -> int:
    """Runs the verb; kills it `after` seconds from the moment that a path exists."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "precompute", *command]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while kill_when is not None and not kill_when.exists() and process.poll() is None:
            time.sleep(0.002)
        if kill_when is not None:
            time.sleep(after)
            process.kill()
        return process.wait()


def content(bundle: Path) -> dict[str, bytes]:
    """All but the empty lock files, which are no part of a bundle."""
    return {name: body for name, body in files(bundle).items() if not name.endswith(".lock")}


def killed_and_run_again(command: list[str], bundle: Path, first_file: Path, spread: float) -> None:
    rng = random.Random(0)
    for moment in range(MOMENTS):
        run_verb(command, first_file, spread * (moment + rng.random()) / MOMENTS)
    assert run_verb(command) == 0


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


def test_images(tmp_path):
    count = 150
    resources = {f"/{i}": picture(i, (300, 200)) for i in range(count)} | {DEFAULT_PATH: picture(0, (300, 200))}
    with BadServer(resources, latency=0.02) as server:
        addresses = {f"P{i}": server.url(f"/{i}") for i in range(count)}
        addresses |= {"again": server.url("/1?"), "default": server.url(DEFAULT_PATH), "gone": server.url("/x")}
        bundle = make_bundle(tmp_path / "bundle", addresses)
        whole = shutil.copytree(bundle, tmp_path / "whole")
        assert run_verb(["images", str(whole)]) == 0
        asked = len(server.log)
        killed_and_run_again(["images", str(bundle)], bundle, bundle / ".images" / "journal.jsonl", 0.5)
        # Finished work was kept: each kill costs no more than what was under way.
        assert len(server.log) - asked < asked + MOMENTS * 40
    assert content(bundle) == content(whole)


def test_encode(tmp_path, clip):
    bundle = make_bundle(tmp_path / "bundle", {f"P{i}": f"{i}.png" for i in range(700)})
    (bundle / "images").mkdir()
    for i in range(700):
        (bundle / "images" / f"{i}.png").write_bytes(picture(i))
    whole = shutil.copytree(bundle, tmp_path / "whole")

    def command(folder: Path) -> list[str]:
        words = ["encode", str(folder), "--signal", "clip_image", "--modality", "image", "--device", "cpu"]
        return [*words, "--model", str(clip)]

    assert run_verb(command(whole)) == 0
    killed_and_run_again(command(bundle), bundle, bundle / ".encode", 1.0)
    assert content(bundle) == content(whole)
