"""kill -9 and Ctrl-C at moments spread over every verb's own work, then the same command again: the bundle is the one
of a run that nobody disturbed, byte for byte (indexes aside), with nothing beside it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import raw_esci
from bad_server import BadServer
from fixtures import build_tiny_bundle
from nursery import Nursery, Outcome, Stop
from pictured import DEFAULT_PATH, make_bundle, picture
from test_own import command, folder
from tiny_models import write_random_clip
from tiny_rerankers import write_random_cross_encoder

from precompute.__main__ import main
from precompute.read import trec
from sqid_core.bundle.costs import COSTS
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import fusion_run
from sqid_core.ranking.fusion import Fusion

__all__ = ["folder"]
MOMENTS = int(os.environ.get("SQID_MOMENTS", "1"))
MOST = dict.fromkeys(("finetune-adapter", "finetune-cross-encoder", "finetune-full"), 10)  # each run trains


@dataclass(frozen=True)
class Job:
    """A verb on a folder. start: what lies there before, None for nothing."""

    words: Callable[[Path], list[str]]
    start: Path | None = None

    def fresh(self, out: Path) -> Path:
        shutil.rmtree(out, ignore_errors=True)
        return Path(shutil.copytree(self.start, out)) if self.start else out


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


@dataclass
class Place:
    """Where a job is made. closing: what it keeps open until the test is over."""

    path: Path
    closing: ExitStack = field(default_factory=ExitStack)


@pytest.fixture
def place(tmp_path: Path, folder: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    with found.closing:
        yield found


def import_job(place: Place) -> Job:
    files = raw_esci.write(place.path / "raw")
    return Job(lambda out: [*raw_esci.options(files), "--out", str(out)])


def own_job(place: Place) -> Job:
    return Job(lambda out: command(place.path, pictures=place.path / "pictures", out=out.name))


def sqid_job(place: Place) -> Job:
    raw = place.path / "raw"
    files = raw_esci.write(raw)
    for name in ("examples", "products"):
        files[name].rename(raw / f"shopping_queries_dataset_{name}.parquet")
    options = ["--esci-dir", str(raw), "--sqid-dir", str(raw), "--partial", "--offline"]
    return Job(lambda out: ["sqid", *options, "--out", str(out)])


def images_job(place: Place) -> Job:
    resources = {f"/{i}": picture(i, (300, 200)) for i in range(60)} | {DEFAULT_PATH: picture(0, (300, 200))}
    server = place.closing.enter_context(BadServer(resources, latency=0.005))
    addresses = {f"P{i}": server.url(f"/{i}") for i in range(60)}
    addresses |= {"again": server.url("/1?"), "default": server.url(DEFAULT_PATH), "gone": server.url("/x")}
    start = make_bundle(place.path / "start", addresses)
    return Job(lambda out: ["images", str(out), "--internal"], start)


def encode_job(place: Place) -> Job:
    start = make_bundle(place.path / "start", {f"P{i}": f"{i}.png" for i in range(270)})
    (start / "images").mkdir()
    for i in range(270):
        (start / "images" / f"{i}.png").write_bytes(picture(i))
    options = ["--signal", "clip_image", "--modality", "image", "--device", "cpu"]
    model = ["--model", str(write_random_clip(place.path / "clip"))]
    return Job(lambda out: ["encode", str(out), *options, *model], start)


def categories_job(place: Place) -> Job:
    table = place.path / "categories.csv"
    table.write_text("product_id,category\n" + "".join(f"P{i:03d},Home > Kind {i % 7}\n" for i in range(60)))
    start = build_tiny_bundle(place.path / "start")
    return Job(lambda out: ["categories", str(out), "--from", str(table)], start)


def run_file_job(place: Place) -> Job:
    start = build_tiny_bundle(place.path / "start")
    dataset = load_bundle(start)
    run = trec.write_run(place.path, dataset, fusion_run(dataset, Fusion(image_weight=0.4), "other system"))
    options = ["--signal", "other", "--modality", "text", "--run", str(run)]
    return Job(lambda out: ["run-file", str(out), *options], start)


def lexical_job(place: Place) -> Job:
    pytest.importorskip("bm25s", reason="the extra rankers is not installed")
    words = ["--signal", "bm25", "--fields", "title", "brand"]
    return Job(lambda out: ["lexical", str(out), *words], build_tiny_bundle(place.path / "start"))


def rerank_job(place: Place) -> Job:
    model = write_random_cross_encoder(place.path / "cross")
    words = ["--signal", "cross", "--model", str(model), "--device", "cpu"]
    return Job(lambda out: ["rerank", str(out), *words], build_tiny_bundle(place.path / "start"))


def index_job(place: Place) -> Job:
    pytest.importorskip("hnswlib", reason="hnswlib is not installed: searches are exact")
    return Job(lambda out: ["index", str(out)], build_tiny_bundle(place.path / "start"))


def learn_job(place: Place) -> Job:
    pytest.importorskip("lightgbm", reason="lightgbm is not installed")
    options = ["--name", "trees", "--learner", "lambdamart", "--folds", "4"]
    return Job(lambda out: ["learn", str(out), *options], build_tiny_bundle(place.path / "start"))


def adapter_job(place: Place) -> Job:
    options = ["--encoder", "words", "--how", "adapter", "--out", "turned", "--rank", "2", "--folds", "3"]
    return Job(lambda out: ["finetune", str(out), *options], build_tiny_bundle(place.path / "start"))


def full_job(place: Place) -> Job:
    start = build_tiny_bundle(place.path / "start", modalities=())
    options = ["--signal", "texts", "--modality", "text", "--encoder-name", "clip", "--device", "cpu"]
    assert main(["encode", str(start), "--model", str(write_random_clip(place.path / "clip")), *options]) == 0
    words = ["--encoder", "clip", "--how", "full", "--out", "tuned", "--folds", "2", "--device", "cpu"]
    return Job(lambda out: ["finetune", str(out), *words], start)


def cross_encoder_job(place: Place) -> Job:
    model = str(write_random_cross_encoder(place.path / "cross"))
    words = ["--family", "cross-encoder", "--encoder", model, "--out", "cross", "--folds", "2", "--device", "cpu"]
    return Job(lambda out: ["finetune", str(out), *words], build_tiny_bundle(place.path / "start"))


VERBS = {
    "import": import_job,
    "own": own_job,
    "sqid": sqid_job,
    "images": images_job,
    "categories": categories_job,
    "run-file": run_file_job,
    "lexical": lexical_job,
    "index": index_job,
    "learn": learn_job,
    "encode": encode_job,  # last: see Nursery
}
# By day test_rerank, test_adapt and test_finetune go on after interruptions; here each run imports for seconds.
if "SQID_MOMENTS" in os.environ:
    VERBS |= {"rerank": rerank_job, "finetune-adapter": adapter_job, "finetune-full": full_job}
    VERBS["finetune-cross-encoder"] = cross_encoder_job


def content(bundle: Path) -> dict[str, Any]:
    """Every file and folder but the lock; an index by its name and what was measured on it."""
    found: dict[str, Any] = {}
    for path in sorted(bundle.rglob("*")):
        name = path.relative_to(bundle).as_posix()
        if name == "manifest.json":
            found[name] = _without_index_hashes(json.loads(path.read_text(encoding="utf-8")))
        elif name not in (".lock", COSTS):
            found[name] = path.read_bytes() if path.is_file() and path.name != "index.hnsw" else None
    return found


def _without_index_hashes(manifest: dict[str, Any]) -> dict[str, Any]:
    files = {name: digest for name, digest in manifest["files"].items() if not name.endswith("index.hnsw")}
    indexed = any(name not in files for name in manifest["files"])
    return manifest | {"files": files} | ({"fingerprint": ""} if indexed else {})


def stopped(nursery: Nursery, job: Job, out: Path, undisturbed: Outcome, instant: float, by: int) -> Outcome:
    """A run that a signal met at about that instant of an undisturbed run, counted from the last change on the disk
    before it; where this run was too fast for that, right at the change."""
    change = bisect(undisturbed.changes, instant)
    since = instant - (0.0, *undisturbed.changes)[change]
    stops = [Stop(change, late, by) for late in (since, since / 2, since / 4)] + [Stop(max(change, 1), 0.0, by)]
    for stop in stops:
        job.fresh(out)
        run = nursery.run(job.words(out), stop)
        if run.code != 0:
            return run
    raise AssertionError(f"no signal landed at change {change} of {len(undisturbed.changes)}")


@pytest.mark.parametrize("verb", VERBS)
def test_kill_9_at_moments_of_the_work(verb, nursery, place):
    """Half of the moments are spread over the time of a run, half over its changes on the disk."""
    job, rng = VERBS[verb](place), random.Random(0)
    whole, out = job.fresh(place.path / "whole"), place.path / "killed"
    undisturbed = nursery.run(job.words(whole))
    assert undisturbed.code == 0, undisturbed.said
    expected, before = content(whole), content(job.fresh(out))
    in_the_writing, moments = 0, min(MOMENTS, MOST.get(verb, MOMENTS))
    for moment in range(moments):
        share = (moment + rng.random()) / moments
        change = undisturbed.changes[int(share * len(undisturbed.changes))]
        instant = change if moment % 2 else share * undisturbed.seconds
        assert stopped(nursery, job, out, undisturbed, instant, signal.SIGKILL).code == -signal.SIGKILL
        in_the_writing += content_of_anything(out) != before
        # and on what the first one left
        nursery.run(job.words(out), Stop(rng.randint(1, len(undisturbed.changes))))
        again = nursery.run(job.words(out))
        assert again.code == 0, again.said
        assert content(out) == expected
    assert in_the_writing >= moments // 4


def content_of_anything(folder: Path) -> dict[str, Any]:
    """What a killed run left: also where no manifest can be read."""
    try:
        return content(folder)
    except ValueError:
        return {}


@pytest.mark.parametrize("verb", VERBS)
def test_ctrl_c_says_one_sentence(verb, nursery, place):
    job, rng = VERBS[verb](place), random.Random(1)
    whole, out = job.fresh(place.path / "whole"), place.path / "interrupted"
    undisturbed = nursery.run(job.words(whole))
    for share in (0.4, 0.8):
        instant = undisturbed.changes[-1] * (share - 0.1 * rng.random())
        run = stopped(nursery, job, out, undisturbed, instant, signal.SIGINT)
        assert run.code == 130, run.said
        said = [line for line in run.said.splitlines() if line.startswith("precompute: ")]
        assert said == ["precompute: interrupted; run the same command again to go on"], run.said
        assert "Traceback" not in run.said
        assert not list(out.rglob("*.partial"))
        again = nursery.run(job.words(out))
        assert again.code == 0, again.said
        assert content(out) == content(whole)


def test_stored_pictures_are_not_asked_for_again(nursery, place):
    resources = {f"/{i}": picture(i, (300, 200)) for i in range(150)}
    with BadServer(resources, latency=0.02) as server:
        start = make_bundle(place.path / "start", {f"P{i}": server.url(f"/{i}") for i in range(150)})
        whole = nursery.run(["images", str(shutil.copytree(start, place.path / "whole")), "--internal"])
        assert (whole.code, len(server.log)) == (0, 150)
        out = shutil.copytree(start, place.path / "out")
        for share in (0.3, 0.5, 0.7):
            nursery.run(["images", str(out), "--internal"], Stop(0, late=share * whole.seconds))
        assert nursery.run(["images", str(out), "--internal"]).code == 0
        # A kill costs what was under way: eight downloads, and the bodies that waited for a decoder.
        assert len(server.log) < 2 * 150 + 3 * 40
    assert content(out) == content(place.path / "whole")
