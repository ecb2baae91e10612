"""Encoding on the machines of a Ray cluster: the same batches, in the same order, into the same shards.

Ray Data (https://docs.ray.io/en/latest/data/data.html) hands batches to actors, each with the model opened once. What a
machine was at when it died, another does again; machines that join are used. Ray asks nobody who asks it: a cluster
belongs into a network of one's own. Nothing is reported to anybody, and no dashboard is opened.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.work.pipeline import default_workers, pipeline
from sqid_core.encoders.families import Encoder, EncoderSpec, Precision, open_encoder
from sqid_core.errors import EncoderError, InputError, SqidError
from sqid_core.extras import needs
from sqid_core.types import Modality, Vectors

HERE = "local"
# Batches that an actor gets at a time: it prepares one while the model is at another.
_BATCHES_AT_ONCE = 4
# What Ray keeps account of; more would cost it more than the work.
_MOST_BLOCKS = 2000


@dataclass(frozen=True)
class OpenedThere:
    """What an actor opens. The model's name or folder, and its weights, must mean the same on every machine.

    spec: what the model must be, to the content of its files. device: "cpu", else a GPU each where there are some.
    precision: of the machine that started it, so that all round alike. batch: items at a time. decoders: None for as
    many as fit the machine.
    """

    family: str
    model: str
    pretrained: str
    spec: EncoderSpec
    device: str
    precision: Precision
    batch: int
    decoders: int | None


class EncodingActor:
    """A model on one machine, or on one of its GPUs. Called by Ray with batches of batches."""

    def __init__(self, opened: OpenedThere, modality: Modality, device: str) -> None:
        self._opened, self._modality, self._device = opened, modality, device
        # Opened with the first work: what is wrong with a model then is told as what is wrong with work, once.
        self._encoder: Encoder | None = None

    def __call__(self, cuts: dict[str, Any]) -> dict[str, Any]:
        """cuts: `place` and `items` of some batches. Gives their places, the bytes of their vectors (n, D), and what is
        wrong with them: an exception would come without its sentence."""
        places = list(cuts["place"])
        try:
            found, fault = self._encoded([list(items) for items in cuts["items"]]), ""
        except SqidError as error:
            found, fault = [b""] * len(places), str(error)
        return {"place": places, "vectors": found, "fault": [fault] * len(places)}

    def _encoded(self, batches: list[list[Any]]) -> list[bytes]:
        if self._encoder is None:
            self._encoder = _opened_here(self._opened, self._modality, self._device)
        is_cpu = self._device == "cpu"
        workers, processes = self._opened.decoders or default_workers(is_cpu), self._modality == "image" and not is_cpu
        with pipeline(self._encoder, workers, processes) as running:
            return [np.ascontiguousarray(some).tobytes() for some in running.encoded(self._modality, batches)]


def _opened_here(opened: OpenedThere, modality: Modality, device: str) -> Encoder:
    encoder = open_encoder(
        opened.family, opened.model, opened.pretrained, device, opened.spec.name, precision=opened.precision
    )
    if encoder.spec != opened.spec:
        raise EncoderError(f"a machine of the cluster has another model under {opened.model}; give all one")
    encoder.batch_size = opened.batch
    encoder.stages(modality)
    return encoder


@dataclass(frozen=True, eq=False)
class RayPipeline:
    """As `Pipeline`, by the actors of a cluster. encoder: the one of this machine, which says what comes out."""

    encoder: Encoder
    opened: OpenedThere
    ray: Any

    def encoded(self, modality: Modality, batches: Iterable[Sequence[Any]]) -> Iterator[Vectors]:
        """The vectors of each batch, in order. Raises InputError, also for what a machine of the cluster does."""
        rows = [{"place": place, "items": list(batch)} for place, batch in enumerate(batches)]
        if not rows:
            return
        try:
            for place, found in enumerate(self._run(rows, modality)):
                if found["fault"]:
                    raise InputError(found["fault"])
                if found["place"] != place:
                    raise RuntimeError(f"batch {found['place']} came in the place of {place}")
                yield np.frombuffer(found["vectors"], np.float32).reshape(-1, self.encoder.spec.dim)
        except self.ray.exceptions.RayError as error:
            told = " ".join(str(error).split())[:300]
            raise InputError(f"the Ray cluster gave up ({told}); run it again: what was encoded is kept") from None

    def _run(self, rows: list[dict[str, Any]], modality: Modality) -> Iterator[dict[str, Any]]:
        context = self.ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        gpus = self.opened.device != "cpu" and self.ray.cluster_resources().get("GPU", 0) >= 1
        device, share = ("cuda", {"num_gpus": 1}) if gpus else ("cpu", {"num_cpus": 1})
        blocks = min(-(-len(rows) // _BATCHES_AT_ONCE), _MOST_BLOCKS)
        # As many actors as there is room for, now and later: machines join and die.
        actors = self.ray.data.ActorPoolStrategy(min_size=1, max_size=blocks)
        done = self.ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            EncodingActor,
            fn_constructor_args=(self.opened, modality, device),
            batch_size=_BATCHES_AT_ONCE,
            compute=actors,
            **share,
        )
        yield from done.iter_rows()


@contextmanager
def on_ray(encoder: Encoder, opened: OpenedThere, address: str) -> Iterator[RayPipeline]:
    """The cluster at an address: "auto" for the one that this machine belongs to, HERE for one of this machine alone,
    which ends with the work. Raises InputError where there is none, or Ray isn't installed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    ray = needs("ray", "ray")
    needs("ray", "ray.data")
    for name in ("ray", "ray.data", "ray._private"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    mine = not ray.is_initialized()
    if mine:
        _connect(ray, address)
    try:
        yield RayPipeline(encoder, opened, ray)
    finally:
        if mine:
            ray.shutdown()


def _connect(ray: Any, address: str) -> None:
    here = {"include_dashboard": False} if address == HERE else {}
    try:
        ray.init(address=address, logging_level="CRITICAL", log_to_driver=False, **here)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        told = " ".join(str(error).split())[:200]
        raise InputError(
            f"no Ray cluster can be reached at {address} ({told}); start one (ray start --head), or leave --address out"
        ) from None
