"""Training examples: products no catalogue holds, each with a picture, and fresh captions at every step."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image

from precompute.demo.drawing import picture
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.traits import Traits, drawn_traits
from precompute.demo.text.captions import everyday_caption, title_caption, wish_caption
from precompute.demo.text.everyday import Sought, as_sought
from precompute.demo.training.model_folder import IMAGE_SIZE
from precompute.work.pool import process_pool

# Drawn larger than the model sees and reduced as its preprocessing does; a shop's picture would take twice the time.
DRAWN_SIZE = 96
CHUNK = 250
EVERYDAY = 2
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
    """For each step: rows, titles, wishes in words, and (wishes, products) which product of the batch fulfils which.

    To each product belong one wish in the shop's own words and EVERYDAY in everyday words.
    """
    rng = Random(f"demo captions {seed}")
    rows: list[int] = []
    for _ in range(steps):
        if len(rows) < batch:
            rows = rng.sample(range(len(traits)), len(traits))
        chosen, rows = rows[:batch], rows[batch:]
        titles = [title_caption(traits[row], rng) for row in chosen]
        wishes = [(as_sought(wish), text) for row in chosen for wish, text in [wish_caption(traits[row], rng)]]
        wishes += [everyday_caption(traits[row], rng) for _ in range(EVERYDAY) for row in chosen]
        fulfils = fulfilment([sought for sought, _ in wishes], [traits[row] for row in chosen])
        yield chosen, titles, [text for _, text in wishes], fulfils


def fulfilment(wishes: list[Sought], traits: list[Traits]) -> npt.NDArray[np.bool_]:
    """(wishes, products): whether the product has, of every attribute that is asked for, a value that will do."""
    fulfils = np.ones((len(wishes), len(traits)), dtype=bool)
    for attribute in CODED:
        offered, codes = np.unique([getattr(one, attribute) for one in traits], return_inverse=True)
        known = {str(value): code for code, value in enumerate(offered)}
        will_do = np.zeros((len(wishes), len(offered)), dtype=bool)
        for i, sought in enumerate(wishes):
            values = sought.get(attribute)
            will_do[i, slice(None) if values is None else [known[value] for value in values if value in known]] = True
        fulfils &= will_do[:, codes]
    return fulfils
