"""Training examples: products no catalogue holds, each with a picture, and fresh captions at every step."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from precompute.demo.drawing import picture
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.traits import Traits, drawn_traits
from precompute.demo.products.wishes import Wish
from precompute.demo.text.captions import title_caption, wish_caption
from precompute.demo.training.model_folder import IMAGE_SIZE
from precompute.work.pool import process_pool

# Drawn larger than the model sees and reduced as its preprocessing does; a shop's picture would take twice the time.
DRAWN_SIZE = 96
CHUNK = 250
CODED = tuple(field.name for field in fields(Traits))


def drawn_examples(
    seed: int, count: int, progress: Callable[[float], None]
) -> tuple[list[Traits], npt.NDArray[np.uint8]]:
    """`count` products and their pictures (count, H, W, 3), drawn in a pool; the same however many share the work."""
    traits: list[Traits] = []
    pictures = np.empty((count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    starts = range(0, count, CHUNK)
    jobs = [(seed, start, min(CHUNK, count - start)) for start in starts]
    with process_pool() as pool:
        for start, (some_traits, some_pictures) in zip(starts, pool.map(_drawn_chunk, jobs), strict=True):
            traits += some_traits
            pictures[start : start + len(some_pictures)] = some_pictures
            progress(len(traits) / count)
    return traits, pictures


def _drawn_chunk(job: tuple[int, int, int]) -> tuple[list[Traits], npt.NDArray[np.uint8]]:
    seed, start, count = job
    rng = Random(f"demo training {seed} {start}")
    traits = [drawn_traits(rng.choice(tuple(KINDS)), rng) for _ in range(count)]
    return traits, np.stack([_seen(picture(t, rng.getrandbits(32), DRAWN_SIZE, tidy=True)) for t in traits])


def _seen(image: Image.Image) -> npt.NDArray[np.uint8]:
    """The picture at the size in which the model sees it."""
    return np.asarray(image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC))


def caption_batches(
    traits: list[Traits], seed: int, steps: int, batch: int
) -> Iterator[tuple[list[int], list[str], list[str], npt.NDArray[np.bool_]]]:
    """For each step: rows, titles, wishes in words, and (wishes, products) which product of the batch fulfils which."""
    rng = Random(f"demo captions {seed}")
    rows: list[int] = []
    for _ in range(steps):
        if len(rows) < batch:
            rows = rng.sample(range(len(traits)), len(traits))
        chosen, rows = rows[:batch], rows[batch:]
        titles = [title_caption(traits[row], rng) for row in chosen]
        wishes = [wish_caption(traits[row], rng) for row in chosen]
        fulfils = fulfilment([wish for wish, _ in wishes], [traits[row] for row in chosen])
        yield chosen, titles, [text for _, text in wishes], fulfils


def fulfilment(wishes: list[Wish], traits: list[Traits]) -> npt.NDArray[np.bool_]:
    """(wishes, products): whether the product is of the wished kind and misses no wish."""
    wanted = np.array([_codes({"kind": w.kind, **dict(w.wanted)}) for w in wishes])
    offered = np.array([_codes({name: getattr(t, name) for name in CODED}) for t in traits])
    return np.asarray(((wanted[:, None] == -1) | (wanted[:, None] == offered[None])).all(axis=2))


def _codes(values: dict[str, Any]) -> list[int]:
    """A number for each attribute's value, -1 where there is none."""
    return [_code(values[name]) if name in values else -1 for name in CODED]


@lru_cache(maxsize=4096)
def _code(value: str) -> int:
    """A number for a value; equal values have equal numbers."""
    return zlib.crc32(value.encode())
