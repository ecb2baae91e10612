"""Encoding on a Ray cluster: the bytes of this machine's own encoding, also where a machine dies in the middle.

By day what one actor does, without Ray; by night (SQID_WHOLE) two machines of which one is killed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import write_random_clip

from precompute.__main__ import main
from precompute.steps.encode import Model, encode
from precompute.work.on_ray import EncodingActor, OpenedThere, RayPipeline
from precompute.work.pipeline import pipeline
from precompute.work.progress import ProgressEvent
from sqid_core.encoders.families import open_encoder
from sqid_core.errors import InputError

whole = pytest.mark.skipif(not os.environ.get("SQID_WHOLE"), reason="starts a cluster of two machines: by night")
TEXTS = ["red mug", "blue lamp", "a green umbrella", "", "ünïcode", "mug"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_bundle, tmp_path / "bundle")


def opened_there(model: Path) -> OpenedThere:
    encoder = open_encoder("open_clip", str(model))
    return OpenedThere("open_clip", str(model), "", encoder.spec, "cpu", "fp32", 2, 1)


def test_an_actor_gives_the_bytes_of_this_machine(model: Path) -> None:
    opened = opened_there(model)
    encoder = open_encoder("open_clip", str(model))
    encoder.batch_size = 2
    batches = [TEXTS[:2], TEXTS[2:4], TEXTS[4:]]
    with pipeline(encoder, 1, processes=False) as running:
        expected = [some.tobytes() for some in running.encoded("text", batches)]
    done = EncodingActor(opened, "text", "cpu")({"place": [3, 4, 5], "items": batches})
    assert done == {"place": [3, 4, 5], "vectors": expected, "fault": [""] * 3}


def test_another_model_on_a_machine_is_refused(model: Path, tmp_path: Path) -> None:
    other = write_random_clip(tmp_path / "clip", seed=1)
    opened = opened_there(model)
    moved = OpenedThere("open_clip", str(other), "", opened.spec, "cpu", "fp32", 2, 1)
    done = EncodingActor(moved, "text", "cpu")({"place": [0], "items": [TEXTS]})
    assert "has another model under" in done["fault"][0]


class _Cluster:
    """Ray as `RayPipeline` calls it: each batch has a fault, or the last machine is gone."""

    class exceptions:  # noqa: N801
        RayError = OSError

    def __init__(self, fault: str) -> None:
        self.fault, self.data = fault, self

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self

    def cluster_resources(self) -> dict[str, float]:
        return {}

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        if not self.fault:
            raise OSError("worker died")
        yield {"place": 0, "vectors": b"", "fault": self.fault}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("", "the Ray cluster gave up .worker died.; run it again"),
        ("x.png is none", "^x.png"),
    ],
)
def test_what_a_machine_says_is_said(model: Path, fault: str, said: str) -> None:
    cluster = _Cluster(fault)
    cluster.DataContext = cluster
    running = RayPipeline(open_encoder("open_clip", str(model)), opened_there(model), cluster)
    with pytest.raises(InputError, match=said):
        list(running.encoded("text", [TEXTS]))
    assert list(running.encoded("text", [])) == []


def test_this_machine_alone_needs_no_ray(bundle: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert encode(bundle, "clip_text", "text", Model("open_clip", str(model)), device="cpu").written


@pytest.mark.parametrize(
    ("options", "missing", "said"),
    [
        (["--address", "auto"], "", "--address belongs to --engine ray"),
        (["--engine", "ray"], "ray", "ray is not installed; this needs the extra ray"),
        (["--engine", "spark"], "", "'spark' is not one of 'local', 'ray'"),
    ],
)
def test_wrong_options_are_one_sentence(options, missing, said, bundle, model, monkeypatch, capsys) -> None:
    if missing:
        monkeypatch.setitem(sys.modules, missing, None)
    command = ["encode", str(bundle), "--signal", "x", "--modality", "text", "--model", str(model)]
    assert main([*command, *options]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines of one core each, on this one; nobody is told of it."""
    os.environ.update(RAY_USAGE_STATS_ENABLED="0")
    import ray
    from ray.cluster_utils import Cluster

    store = {"object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, **store})
    cluster.second = cluster.add_node(num_cpus=1, **store)
    ray.init(address=cluster.address, logging_level="CRITICAL", log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@whole
def test_a_machine_that_dies_changes_no_byte(cluster: Any, bundle: Path, tmp_path: Path, model: Path) -> None:
    alone = shutil.copytree(bundle, tmp_path / "alone")
    chosen, killed = Model("open_clip", str(model), name="clip"), []

    def kill_one(event: ProgressEvent) -> None:
        if event.unit == "texts" and 4 <= event.done < event.total and not killed:
            killed.append(event.done)
            cluster.remove_node(cluster.second, allow_graceful=False)

    how = {"signal": "clip_text", "modality": "text", "model": chosen, "device": "cpu", "batch_size": 2}
    encode(alone, **how)
    encode(bundle, **how, progress=kill_one, cluster="auto")
    assert killed
    cluster.second = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)  # and another joins
    again = shutil.copytree(alone, tmp_path / "again")
    encode(again, **how, again=True, cluster="auto")
    read = partial(np.load, allow_pickle=False)
    expected = read(alone / "signals/clip_text/products.npy")
    for other in (bundle, again):
        np.testing.assert_allclose(read(other / "signals/clip_text/products.npy"), expected, atol=1e-5)
        if os.environ.get("OMP_NUM_THREADS") == "1":  # as many threads as Ray gives a core
            assert (other / "manifest.json").read_bytes() == (alone / "manifest.json").read_bytes()


@whole
def test_no_cluster_is_one_sentence(bundle, model, monkeypatch, capsys) -> None:
    import ray

    ray.shutdown()
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    command = ["encode", str(bundle), "--signal", "x", "--modality", "text", "--model", str(model)]
    assert main([*command, "--engine", "ray", "--address", "nowhere"]) == 2
    assert "no Ray cluster can be reached at nowhere" in capsys.readouterr().err
