"""Typed queries that must find their kind of product: synonyms, uses, slips of the finger."""

from __future__ import annotations

from collections.abc import Mapping

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.families import Encoder
from sqid_core.ranking.search import SearchResult, search

FREE_TEXT = {
    "stripy tee": "t-shirt",
    "plain white shirt": "t-shirt",
    "jumper": "sweater",
    "warm knitwear": "sweater",
    "long evening gown": "dress",
    "trainers": "sneakers",
    "shoes for running": "sneakers",
    "moccasins": "sneakers",
    "wool stockings": "socks",
    "bakcpack": "backpack",
    "rucksack for school": "backpack",
    "purse": "handbag",
    "brolly": "umbrella",
    "something for the rain": "umbrella",
    "something to drink coffee from": "mug",
    "big cup": "mug",
    "coffe mug": "mug",
    "to make a pot of tea": "teapot",
    "goblet": "glass",
    "champagne flute": "glass",
    "flask for water": "bottle",
    "armchair": "chair",
    "somewhere to sit": "chair",
    "couch": "sofa",
    "red setee": "sofa",
    "light for reading": "lamp",
    "tell the time": "clock",
    "throw pillow with flowers": "cushion",
    "carpet": "rug",
    "something to read": "book",
    "detective story": "book",
    "mobile phone cover": "phone case",
    "wall art of mountains": "poster",
}


def kind_precision(
    dataset: Dataset, encoder: Encoder, texts: Mapping[str, str] = FREE_TEXT, k: int = 10
) -> dict[str, dict[str, float]]:
    """For each text, the share of the kind that it means among the first k of each signal's ranking:
    {text: {signal: share}}."""
    kinds = dataset.products["kind"].to_numpy()
    names = [name for name, signal in dataset.signals.items() if isinstance(signal, DenseSignal)]

    def share(found: SearchResult, kind: str) -> float:
        return float((kinds[found.table["row"]] == kind).mean())

    return {
        text: {name: share(search(dataset, text, name, k, encoder=encoder), kind) for name in names}
        for text, kind in texts.items()
    }
