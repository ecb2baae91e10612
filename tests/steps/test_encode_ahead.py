"""encode beside a GPU: processes read ahead. Their number changes no byte, and they end with whatever ends the verb."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import gpu_stand_in
import numpy as np
import psutil
import pytest
from fixtures import build_tiny_bundle
from places import ROOT
from tiny_models import write_random_clip

from precompute.__main__ import main
from precompute.work.pool import process_pool
from precompute.work.shared_memory import InPlace, SharedMemory, can_share


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "bare", modalities=())


def encode(bundle, clip, *more):
    words = ["encode", str(bundle), "--signal", "clip_image", "--modality", "image", "--model", str(clip)]
    return main([*words, "--batch-size", "4", *more])


@pytest.fixture(scope="module")
def by_the_cpu(bare, clip, tmp_path_factory):
    bundle = shutil.copytree(bare, tmp_path_factory.mktemp("cpu") / "bundle")
    assert encode(bundle, clip, "--device", "cpu") == 0
    return bundle


def content(bundle):
    return {path.relative_to(bundle): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


def test_no_byte_depends_on_who_reads(bare, clip, by_the_cpu, tmp_path, monkeypatch):
    monkeypatch.setattr("precompute.steps.encode.chosen_device", lambda _: gpu_stand_in.GPU)
    bundle = shutil.copytree(bare, tmp_path / "bundle")
    assert encode(bundle, clip, "--decoders", "2") == 0
    expected, found = content(by_the_cpu), content(bundle)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name] and name.name != ".costs.json"] == []


@pytest.mark.skipif(not os.environ.get("SQID_WHOLE"), reason="starts many processes: by night")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_what_ends_the_verb_ends_its_processes(name, bare, clip, by_the_cpu, tmp_path):
    bundle = shutil.copytree(bare, tmp_path / "bundle")

    def run(ended_by):
        words = [sys.executable, str(ROOT / "tests" / "gpu_stand_in.py"), str(bundle), str(clip), "2", str(ended_by)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
        return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    ended = run(getattr(signal, name))
    workers = list(map(int, ended.stdout.split()))
    assert ended.returncode != 0
    assert workers
    until = time.monotonic() + 30
    while any(psutil.pid_exists(worker) for worker in workers):
        assert time.monotonic() < until, f"{workers} are still there"
        time.sleep(0.1)
    assert run(0).returncode == 0
    array = "signals/clip_image/products.npy"
    assert (bundle / array).read_bytes() == (by_the_cpu / array).read_bytes()
    assert (bundle / "manifest.json").read_bytes() == (by_the_cpu / "manifest.json").read_bytes()


# --- the memory that they share ---

pytestmark = pytest.mark.skipif(not can_share(), reason="no memory without a name on this system")


def filled(number):
    return np.full((number % 3 + 1, 5), number, np.uint8)


def test_what_is_put_in_a_place_is_taken_from_it_and_what_has_no_room_comes_itself():
    memory = SharedMemory(places=2, room=10)
    with process_pool(1, memory) as pool:
        jobs = [(place % 2, number) for place, number in enumerate(range(7))]
        for job in jobs:
            found = pool.submit(InPlace(filled), job).result()
            assert isinstance(found, np.ndarray) == (filled(job[1]).nbytes > 10)
            np.testing.assert_array_equal(memory.taken(found), filled(job[1]))
    memory.close()


def test_it_has_no_name_and_no_file_stays_open():
    def held():
        return sum("sqid pictures" in os.path.realpath(path) for path in Path("/proc/self/fd").iterdir())

    memory = SharedMemory(places=2, room=10)
    array = memory.array(1, (2, 5), "|u1")
    array[...] = 7
    assert held() == 2  # mmap holds one of its own as long as an array lives
    memory.close()
    del memory
    assert held() == 1
    assert array.tolist() == [[7] * 5] * 2
    del array
    assert held() == 0
