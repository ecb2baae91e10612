"""Pictures and texts a second through the pipeline of the verb `encode`, beside the same model's pure forward rate.

    python -m benchmarks.encode [--model ViT-B-32] [--device auto] [--pictures N] [--texts N] [--rounds N]

Random weights: the work is the same. The pipeline reads WebP files of 500 pixels, as `images` stores them, prepares
them with open_clip's own preprocessing, runs the model and writes shards; the pure forward has its input ready on the
device. In each round the pure forward runs before and after the pipeline, in the same process, and the share is that of
the two: so a busy machine hurts both alike. The median share of the rounds counts. Workers have started before. For a
GPU, `python -m benchmarks.gpu`.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.sqid_like import table
from precompute.steps.encode import KINDS
from precompute.work.pipeline import Pipeline, default_workers, pipeline
from precompute.work.shards import Shards, encode_in_shards
from sqid_core.encoders.devices import Device, chosen_device
from sqid_core.encoders.families import OpenClipEncoder, open_encoder
from sqid_core.types import Modality

_WORDS = "red blue green cotton steel mug shirt lamp chair for women men kids with and 2 pack large waterproof".split()


def random_model(name: str, folder: Path, device: Device) -> OpenClipEncoder:
    """open_clip's model with random weights, which are drawn once for a folder."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    logging.getLogger().setLevel(logging.ERROR)  # open_clip warns of what is meant here
    weights = folder / f"{name}.safetensors"
    if not weights.exists():
        torch.manual_seed(0)
        save_file(open_clip.create_model(name).state_dict(), weights)
    encoder = open_encoder("open_clip", name, str(weights), device.name, precision=device.precision)
    encoder.batch_size = device.batch
    assert isinstance(encoder, OpenClipEncoder)
    return encoder


def write_pictures(folder: Path, count: int) -> list[Path]:
    """WebP files of 500 pixels with as much detail as a product photo has (about 20 kB)."""
    rng = np.random.default_rng(0)
    paths = [folder / f"{i}.webp" for i in range(count)]
    for path in paths:
        coarse, fine = (rng.integers(0, 256, (n, n, 3), dtype=np.uint8) for n in (8, 90))
        layers = [Image.fromarray(part).resize((500, 500), Image.Resampling.BICUBIC) for part in (coarse, fine)]
        Image.blend(*layers, 0.2).save(path, quality=80, method=1)
    return paths


def write_texts(count: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(_WORDS, 14)) for _ in range(count)]


@dataclass(frozen=True)
class Rates:
    """Items a second: the best of the rounds, and of each round the pipeline's share of the forward, in order. start:
    seconds until the pipeline's workers were there, which are in no rate."""

    forward: float
    piped: float
    shares: tuple[float, ...]
    start: float

    @property
    def share(self) -> float:
        return statistics.median(self.shares)

    def __str__(self) -> str:
        return f"{self.share:.0%} ({self.shares[0]:.0%} to {self.shares[-1]:.0%})"


def measured(encoder: OpenClipEncoder, modality: Modality, items: list[Any], device: Device, rounds: int) -> Rates:
    """The pure forward before and after the pipeline, in each round: a busy machine hurts both alike."""
    workers, processes = default_workers(device.is_cpu), modality == "image" and not device.is_cpu
    start = time.perf_counter()
    with pipeline(encoder, workers, processes) as running:
        warm = [items[: device.batch]] * (2 * workers if processes else 1)
        list(running.encoded(modality, warm))
        began = time.perf_counter() - start
        forward_alone(encoder, modality, items[: device.batch], device)
        found = []
        for _ in range(rounds):
            before = forward_alone(encoder, modality, items, device)
            piped = through_the_pipeline(running, modality, items)
            found.append(((before + forward_alone(encoder, modality, items, device)) / 2, piped))
    shares = tuple(sorted(piped / forward for forward, piped in found))
    return Rates(max(each[0] for each in found), max(each[1] for each in found), shares, began)


def through_the_pipeline(running: Pipeline, modality: Modality, items: list[Any]) -> float:
    """Items a second, from files to written shards."""
    kind = KINDS[modality]
    with tempfile.TemporaryDirectory() as folder:
        shards = Shards(Path(folder), running.encoder.spec.dim, kind.rows, running.encoder.batch_size)
        start = time.perf_counter()
        encode_in_shards(shards, items, partial(running.encoded, modality), kind.unit)
        return len(items) / (time.perf_counter() - start)


def forward_alone(encoder: OpenClipEncoder, modality: Modality, items: list[Any], device: Device) -> float:
    """Items a second where every batch is on the device already."""
    import open_clip
    import torch

    size = encoder.batch_size
    pictures = torch.rand(size, 3, 224, 224).to(device.name, open_clip.get_input_dtype(device.precision))
    tokens = open_clip.get_tokenizer("ViT-B-32")(write_texts(size)).to(device.name)
    model = encoder._model
    run: Callable[[], Any] = {
        "image": lambda: model.encode_image(pictures),
        "text": lambda: model.encode_text(tokens),
    }[modality]
    turns = max(1, len(items) // size)
    with torch.inference_mode():
        start = time.perf_counter()
        for _ in range(turns):
            vectors = run()
        vectors.float().cpu()  # waits for a GPU
        return turns * size / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="ViT-B-32")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    device = chosen_device(args.device)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        encoder = random_model(args.model, Path(scratch), device)
        pictures = write_pictures(Path(scratch), args.pictures)
        size = sum(path.stat().st_size for path in pictures) / len(pictures)
        given: dict[Modality, list[Any]] = {"image": pictures, "text": write_texts(args.texts)}
        for modality, items in given.items():
            found = measured(encoder, modality, items, device, args.rounds)
            rows.append((KINDS[modality].unit, f"{found.forward:.1f}", f"{found.piped:.1f}", str(found)))
    print(
        f"{args.model} on {device.text}, {os.cpu_count()} cores, {device.batch} at a time, "
        f"{args.pictures:,} pictures of {size / 1e3:.0f} kB, {args.texts:,} texts, {args.rounds} rounds"
    )
    print(table(("", "best forward/s", "best encode/s", "median share"), rows))


if __name__ == "__main__":
    main()
