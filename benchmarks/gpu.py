"""What a GPU brings: encoding, typed queries, and an index, each beside its peer in the same run; at most 8 minutes.

    python -m benchmarks.gpu [--device auto] [--models A,B] [--batch N] [--pictures N] [--texts N] [--rounds N]
                             [--vectors N] [--dim N]

Models are open_clip's own with random weights: the work is the same. Goals: `encode` reaches 80 % of the model's pure
forward, ViT-L-14 2,000 pictures a second on an H200; a graph that cuVS built finds as much as hnswlib's. Without a GPU
it says so; --device cpu runs all of it here, which shows that it runs and nothing else.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.encode import measured, random_model, write_pictures, write_texts
from benchmarks.exact_search import clustered, per_query
from benchmarks.sqid_like import DIM, PRODUCTS, table
from precompute.steps.encode import KINDS
from precompute.steps.index_graph import GraphSpec, graph_of
from precompute.work.progress import quiet
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.devices import CPU, Device, chosen_device
from sqid_core.errors import InputError
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex
from sqid_core.indexes.protocol import recall
from sqid_core.types import Modality

# A file is read again and again: the system has it in memory as it has those of a bundle that was just downloaded.
FILES, QUERIES, K, AT_ONCE = 512, 200, 100, 8
SHARE, LARGE, PICTURES_A_SECOND = 0.8, "ViT-L-14", 2_000


def encoding(
    names: Sequence[str], folder: Path, device: Device, pictures: int, texts: int, rounds: int
) -> list[tuple[str, ...]]:
    """A row a model and modality, and what the goals say of it."""
    files = write_pictures(folder, min(pictures, FILES))
    given: dict[Modality, list[Any]] = {
        "image": (files * -(-pictures // len(files)))[:pictures],
        "text": write_texts(texts),
    }
    rows = []
    for name in names:
        encoder = random_model(name, folder, device)
        for modality, items in given.items():
            found = measured(encoder, modality, items, device, rounds)
            cells = f"{found.start:.1f}", f"{found.forward:,.0f}", f"{found.piped:,.0f}", str(found)
            said = _against(found.share, SHARE, "{:.0%}")
            if (name, modality) == (LARGE, "image"):
                said += f"; {_against(found.piped, PICTURES_A_SECOND, '{:,.0f}/s')}"
            rows.append((f"{name}, {KINDS[modality].unit}", *cells, said))
    return rows


def _against(found: float, goal: float, form: str) -> str:
    missing = "" if found >= goal else f" (missed by {form.format(goal - found)})"
    return f"goal {form.format(goal)}{missing}"


def typed(name: str, folder: Path, device: Device, turns: int) -> list[tuple[str, ...]]:
    """Milliseconds of a visitor's text and picture, alone and each of several at once, on the device and the CPU."""
    rng = np.random.default_rng(0)
    texts = write_texts(AT_ONCE)
    pictures = [Image.fromarray(rng.integers(0, 256, (400, 400, 3), np.uint8)) for _ in range(AT_ONCE)]
    rows = []
    for where in (CPU, device) if not device.is_cpu else (CPU,):
        encoder = random_model(name, folder, where)
        cells = []
        for encode, items in ((encoder.encode_texts, texts), (encoder.encode_images, pictures)):
            for some in (items[:1], items):
                cells.append(f"{_milliseconds(partial(encode, some), turns) / len(some):.1f}")
        rows.append((where.text, *cells))
    return rows


def _milliseconds(call: Callable[[], Any], turns: int) -> float:
    call()
    times = []
    for _ in range(turns):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def indexing(count: int, dim: int) -> tuple[list[tuple[str, ...]], str]:
    """A row a builder, read back by hnswlib alone; and what is to be said of it: why there is none by a GPU, or how
    far its recall is from the other's."""
    everything = clustered(count + QUERIES, dim)
    vectors, queries, present = everything[:count], everything[count:], np.ones(count, bool)
    signal = DenseSignal("made up", "text", "", vectors, present, queries)
    truth = ExactIndex(vectors, present).search(queries, K)
    rows, recalls = [], []
    for name, device in (("hnswlib on the CPU", "cpu"), ("cuVS on the GPU", "cuda")):
        start = time.perf_counter()
        try:
            built = graph_of(signal, None, GraphSpec(device=device), QUERIES, quiet)
        except InputError as error:
            return rows, str(error)
        seconds = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as folder:
            built.save(Path(folder) / "index.hnsw")
            index = HnswIndex.load(Path(folder) / "index.hnsw", built.spec, built.rows, count)
        recalls.append(recall(index.search(queries, K), truth))
        query = per_query(lambda q, i=index: i.search(q, K), queries)  # type: ignore[misc]
        cells = f"{seconds:.1f}", f"{count / seconds:,.0f}", f"{index.spec.ef}", f"{recalls[-1]:.4f}"
        rows.append((name, *cells, f"{query * 1e3:.2f}"))
    return rows, f"recall@{K} beside hnswlib's: {recalls[1] - recalls[0]:+.4f}, at least -.005 promised"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--models", default=f"ViT-B-32,{LARGE}")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--pictures", type=int, default=16_384)
    parser.add_argument("--texts", type=int, default=16_384)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--vectors", type=int, default=PRODUCTS)
    parser.add_argument("--dim", type=int, default=DIM)
    args = parser.parse_args(arguments)
    device = chosen_device(args.device)
    if device.is_cpu and args.device == "auto":
        print("torch finds no GPU on this machine, so nothing was measured; --device cpu with small numbers tries it")
        return
    device = replace(device, batch=args.batch or device.batch)
    names = args.models.split(",")
    print(f"{device.text}, {os.cpu_count()} cores, {device.batch} at a time, {args.rounds} rounds", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        rows = encoding(names, folder, device, args.pictures, args.texts, args.rounds)
        print(table(("encode", "start, s", "best forward/s", "best encode/s", "median share", ""), rows), flush=True)
        rows = typed(names[-1], folder, device, 3 * args.rounds)
    header = (f"{names[-1]}, ms each", "a text", f"of {AT_ONCE}", "a picture", f"of {AT_ONCE}")
    print(f"\n{table(header, rows)}", flush=True)
    rows, said = indexing(args.vectors, args.dim)
    header = (f"{args.vectors:,} x {args.dim}", "build, s", "vectors/s", "ef", f"recall@{K}", "query, ms")
    print(f"\n{table(header, rows)}\n{said}")


if __name__ == "__main__":
    main()
