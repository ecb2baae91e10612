"""What is asked, and the vectors that stand for a picture: an uploaded one or a product's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..bundle.load import Dataset
from ..types import Vectors

# A vector for each encoder (its name) that can answer.
QueryVectors = Mapping[str, Vectors]
# Two unit vectors that nearly cancel out have no direction in common.
_SHORTEST = 1e-3


@dataclass(frozen=True)
class Question:
    """What is asked: with a fusion, all that a ranking follows from. Hashable: a cache's key.

    text: typed words. like: the id of a product whose picture is searched for. upload: the hash of an uploaded picture.
    words: the share of the text beside a picture. query_id: the judged query that is asked where none of these is.
    labels: the judged query whose labels hold, "" for none. searches_catalogue: whether all products are ranked,
    or only those judged for the query.
    """

    text: str = ""
    like: str = ""
    upload: str = ""
    words: float = 0.0
    query_id: str = ""
    labels: str = ""
    searches_catalogue: bool = True

    @property
    def by_picture(self) -> bool:
        """Whether a picture is asked for, with or without words."""
        return bool(self.like or self.upload)


def similar_to(dataset: Dataset, row: int) -> QueryVectors:
    """What stands for a product as a query: its picture, by the encoder of the first image signal.

    A product without a picture stands for itself by its text. The text list needs the same encoder: a picture has no
    vector in another's space. Empty where the product has no vector at all.
    """
    image, text = dataset.dense_signal("image"), dataset.dense_signal("text")
    for signal in (image, text):
        if signal is not None and signal.present[row]:
            return {signal.encoder: signal.products[row]}
    return {}


def mixed(picture: QueryVectors, words: QueryVectors, share_of_words: float) -> QueryVectors:
    """The normalised weighted mean of the two, encoder by encoder; where only one of the two has a vector, that one.

    share_of_words: 0 is the picture alone, 1 the words alone. Where the two cancel out, the picture counts.
    """
    both = {name: _mean(vector, words[name], share_of_words) for name, vector in picture.items() if name in words}
    return {**words, **picture, **both}


def _mean(picture: Vectors, words: Vectors, share: float) -> Vectors:
    total = (1 - share) * picture.astype(np.float64) + share * words.astype(np.float64)
    length = float(np.linalg.norm(total))
    return picture if length < _SHORTEST else (total / length).astype(np.float32)
