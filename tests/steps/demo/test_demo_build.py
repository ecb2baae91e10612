"""Building the demo: whole or not at all, equal bytes for equal seeds, one builder at a time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from against_reference import check_average, check_fusions, check_signals
from places import ROOT

from precompute.__main__ import main
from precompute.demo.build import build_demo
from precompute.demo.content import Content, drawn_content
from precompute.demo.training.model_folder import MODEL_FOLDER
from precompute.steps.verify import verify
from precompute.work.progress import ProgressEvent, quiet
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import read_manifest
from sqid_core.errors import InputError
from sqid_core.ranking.fusion import Fusion

SIZES = {"products": 105, "queries": 21}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "data" / "demo"
    build_demo(out, 5, **SIZES)
    return out


@pytest.fixture
def copied(demo, tmp_path) -> Path:
    shutil.copytree(demo, tmp_path / "demo")
    return tmp_path / "demo"


def test_the_bundle_passes_every_check(demo):
    verified = verify(demo)
    assert len(verified.lines) >= 6
    assert not [line for line in verified.lines if line.state == "FAILED"]
    verified.require()


def test_its_numbers_are_those_of_the_reference(demo):
    check_signals(demo)
    check_fusions(demo, [Fusion(), Fusion(norm="z-score"), Fusion("rrf", missing_image="text")])
    check_average(demo)


def test_the_bundle_holds_what_was_drawn(demo):
    dataset, content = load_bundle(demo), drawn_content(5, **SIZES)
    assert dataset.products["product_id"].tolist() == [product.product_id for product in content.products]
    assert dataset.products["title"].tolist() == [product.title for product in content.products]
    assert dataset.queries["query"].tolist() == [query.text for query in content.queries]
    assert dataset.judgements.lengths.tolist() == [len(query.slate) for query in content.queries]
    pictured = [product.pictured for product in content.products]
    assert dataset.products["image"].notna().tolist() == pictured
    assert dataset.signals["clip_image"].present.tolist() == pictured
    assert {path.stem for path in (demo / "images").iterdir()} == {p.product_id for p in content.products if p.pictured}


def test_the_same_seed_gives_the_same_bytes(demo, tmp_path):
    build_demo(tmp_path / "again", 5, **SIZES)
    assert contents(tmp_path / "again") == contents(demo)


def test_a_built_demo_is_left_as_it_is(copied):
    before = (copied / "manifest.json").stat().st_mtime_ns
    steps = []
    build_demo(copied, 5, lambda event: steps.append(event.step), **SIZES)
    assert (copied / "manifest.json").stat().st_mtime_ns == before
    assert not any(step.startswith("Drawing pictures") for step in steps)


@pytest.mark.parametrize("name", ["signals/clip_text/products.npy", "images"])
def test_a_damaged_demo_is_built_again(name, copied, monkeypatch):
    built = []
    monkeypatch.setattr("precompute.demo.build._build", lambda folder, *_: (built.append(folder), folder.mkdir()))
    path = copied / name
    shutil.rmtree(path) if path.is_dir() else path.write_bytes(path.read_bytes()[:-1])
    build_demo(copied, 5, **SIZES)
    assert len(built) == 1


def test_another_seed_takes_the_place_of_a_demo(copied, monkeypatch):
    def build(folder: Path, content: Content, *_: object) -> None:
        folder.mkdir()
        (folder / "seed").write_text(str(content.seed))

    monkeypatch.setattr("precompute.demo.build._build", build)
    build_demo(copied, 6, **SIZES)
    assert contents(copied) == {"seed": b"6"}


def test_a_demo_of_an_older_model_is_built_again(copied, monkeypatch, tmp_path):
    built = []
    monkeypatch.setattr("precompute.demo.build._build", lambda folder, *_: (built.append(folder), folder.mkdir()))
    shutil.copytree(MODEL_FOLDER, tmp_path / "model")
    (tmp_path / "model" / "vocabulary.txt").write_text("tee\n")
    build_demo(copied, 5, model=tmp_path / "model", **SIZES)
    assert len(built) == 1


def test_the_manifest_tells_the_seed_and_no_place(demo):
    manifest = read_manifest(demo)
    assert manifest.about["seed"] == "5"
    assert str(demo.parent) not in (demo / "manifest.json").read_text()


def test_an_interrupted_build_leaves_nothing_and_the_next_one_succeeds(tmp_path):
    def interrupt(event: ProgressEvent) -> None:
        if event.step.startswith("Drawing pictures:") and event.done > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_demo(tmp_path / "demo", 5, interrupt, **SIZES)
    assert {path.name for path in tmp_path.iterdir()} <= {".demo.lock"}


def test_what_a_killed_build_left_is_cleared_away(copied, monkeypatch):
    scratch = copied.with_name(".demo.partial")
    (scratch / "images").mkdir(parents=True)
    (scratch / "manifest.json").write_text("half")
    monkeypatch.setattr("precompute.demo.build._build", lambda folder, *_: folder.mkdir())
    build_demo(copied, 6, **SIZES)
    assert not scratch.exists()
    assert not (copied / "manifest.json").exists()


def test_two_builders_at_once_build_once(tmp_path, monkeypatch, demo):
    builds = []

    def build(folder: Path, *_: object) -> None:
        builds.append(folder)
        shutil.copytree(demo, folder)

    monkeypatch.setattr("precompute.demo.build._build", build)
    threads = [threading.Thread(target=build_demo, args=(tmp_path / "demo", 5, quiet), kwargs=SIZES) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert contents(tmp_path / "demo") == contents(demo)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: (folder / "notes.txt").write_text("mine"), "holds files but no bundle"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "delete"),
    ],
)
def test_what_is_no_demo_is_not_touched(tmp_path, prepare, said):
    out = tmp_path / "demo"
    out.mkdir()
    prepare(out)
    before = contents(out)
    with pytest.raises(InputError, match=said):
        build_demo(out, 0, **SIZES)
    assert contents(out) == before


def test_another_bundle_is_not_replaced(tiny_bundle, tmp_path):
    shutil.copytree(tiny_bundle, tmp_path / "demo")
    with pytest.raises(InputError, match="not the demo"):
        build_demo(tmp_path / "demo", 0, **SIZES)


def test_the_verb_tells_its_progress_line_by_line(demo, monkeypatch, capsys):
    def build(out, seed, progress):
        build_demo(out, seed, progress, **SIZES)

    monkeypatch.setattr("precompute.demo.build.build_demo", build)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(["demo", "--out", str(demo), "--seed", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(re.fullmatch(r"progress [01]\.\d{3} .+", line) for line in lines)
    assert main(["demo", "--out", str(demo), "--seed", "5", "--progress", "json"]) == 0
    events = [ProgressEvent(**json.loads(line)) for line in capsys.readouterr().out.splitlines()]
    assert [f"progress {event.done / event.total:.3f} {event.step}" for event in events] == lines


@pytest.mark.skipif(os.name != "posix", reason="elsewhere it ends at its next event, which nobody takes")
def test_a_build_ends_with_the_program_that_reads_its_events(tmp_path):
    words = [sys.executable, "-m", "precompute", "demo", "--progress", "json", "--out", str(tmp_path / "demo")]
    reading = f"import subprocess; p = subprocess.Popen({words}, stdout=subprocess.PIPE); print(p.pid, flush=True)"
    reader = subprocess.Popen(
        [sys.executable, "-c", f"{reading}\nfor line in p.stdout: print(line, flush=True)"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    build = psutil.Process(int(reader.stdout.readline()))
    assert "Waiting for the lock" in reader.stdout.readline()
    reader.kill()
    reader.communicate()
    deadline = time.monotonic() + 60
    while build.is_running() and build.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the build goes on"
        time.sleep(0.1)
    assert {path.name for path in tmp_path.iterdir()} <= {".demo.lock"}


def test_vectors_are_unit_rows_of_the_committed_model(demo):
    dataset = load_bundle(demo)
    for signal in dataset.signals.values():
        norms = np.linalg.norm(signal.products, axis=1)
        np.testing.assert_allclose(norms[signal.present], 1, atol=1e-5)
        assert not norms[~signal.present].any()
