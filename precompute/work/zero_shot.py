"""Guessing a product's shop department with the encoder that made the bundle's vectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.families import Encoder
from sqid_core.errors import InputError
from sqid_core.ranking.search import bundle_encoder

# A department's name, as shops write it, and how a caption would put it.
DEPARTMENTS = {
    "Appliances": "a household appliance, such as a washing machine or a fridge",
    "Arts, Crafts & Sewing": "art, craft and sewing supplies",
    "Automotive": "a car part or car accessory",
    "Baby": "a product for babies",
    "Beauty & Personal Care": "a beauty or personal care product",
    "Books": "a book cover",
    "Cell Phones & Accessories": "a mobile phone or a phone case",
    "Clothing, Shoes & Jewelry": "clothing, shoes or jewelry",
    "Electronics": "consumer electronics",
    "Grocery & Gourmet Food": "food and drink",
    "Health & Household": "a health or household product",
    "Home & Kitchen": "home furnishings or kitchenware",
    "Industrial & Scientific": "industrial or laboratory equipment",
    "Movies & TV": "the cover of a film on disc",
    "Music": "the cover of a music album",
    "Musical Instruments": "a musical instrument",
    "Office Products": "office supplies or stationery",
    "Patio, Lawn & Garden": "garden and patio equipment",
    "Pet Supplies": "pet supplies",
    "Sports & Outdoors": "sports and outdoor gear",
    "Tools & Home Improvement": "a tool or hardware for home improvement",
    "Toys & Games": "a toy or game",
    "Video Games": "a video game or game console",
}
# The mean over several wordings is steadier than one (Radford and others 2021, section 3.1.4).
TEMPLATES = ("a photo of {}.", "{}, for sale in an online shop.", "a product of the department {name}: {}.")
_ROWS = 16_384


def estimated_departments(dataset: Dataset) -> npt.NDArray[np.object_]:
    """(N,) the department nearest to each product's picture, or to its text where it has no picture; None without both.

    Picture and text must be of one encoder; a bundle without pictures is estimated by its texts. Raises InputError
    where there are no vectors, EncoderError where the encoder cannot be loaded or did not make them.
    """
    both = dataset.dense_signal("image"), dataset.dense_signal("text")
    signals = [signal for signal in both if signal is not None]
    if not signals:
        raise InputError(
            f"{dataset.folder} has no vectors to estimate categories by; give a file with --from, or run "
            f"python -m precompute encode {dataset.folder} first"
        )
    name = signals[0].encoder
    encoder = bundle_encoder(dataset, name)
    vectors = department_vectors(encoder)
    names = np.array([*DEPARTMENTS], dtype=object)
    found = np.full(len(dataset.products), None, dtype=object)
    for signal in (signal for signal in signals if signal.encoder == name):
        rows = np.flatnonzero(signal.present & (found == None))  # noqa: E711 - element by element
        found[rows] = names[_nearest(signal, rows, vectors)]
    return found


def department_vectors(encoder: Encoder) -> npt.NDArray[np.float32]:
    """(L, D) a unit vector for each department: the mean of its wordings."""
    texts = [template.format(words, name=name) for name, words in DEPARTMENTS.items() for template in TEMPLATES]
    means = encoder.encode_texts(texts).reshape(len(DEPARTMENTS), len(TEMPLATES), -1).mean(axis=1)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


def _nearest(
    signal: DenseSignal, rows: npt.NDArray[np.integer], vectors: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """(n,) the department of each row, a block of the mapped vectors at a time."""
    blocks = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
    parts = [np.argmax(signal.products[block] @ vectors.T, axis=1) for block in blocks]
    return np.concatenate([np.empty(0, np.int64), *parts])
