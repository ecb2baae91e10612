"""Records of categories in ESCI-S's format, the categories that they give, and a bundle without any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

RECORDS = [
    {"type": "product", "locale": "us", "asin": "P000", "category": ["Home &amp; Kitchen", "Mugs"], "title": "x"},
    {"asin": "P001", "locale": "es", "category": ["Hogar"]},
    {"asin": "P001", "locale": "us", "category": ["Home & Kitchen", " Lamps ", ""]},
    {"asin": "P002", "locale": "us", "category": []},
    {"asin": "P002", "locale": "us", "category": "Office › Chairs"},
    {"product_id": "P003", "categories": [["Toys", "Games"], ["Other"]]},
    {"id": "P004", "category": [{"name": "Sports"}, {"name": "Balls"}]},
    {"asin": "STRANGER", "category": ["Books"]},
    {"asin": "P005", "category": None},
    {"asin": "P000", "locale": "us", "category": ["Again"]},
]
EXPECTED = {
    "P000": "Home & Kitchen > Mugs",
    "P001": "Home & Kitchen > Lamps",
    "P002": "Office > Chairs",
    "P003": "Toys > Games",
    "P004": "Sports > Balls",
}


def json_lines() -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS).encode()


def without_categories(folder: Path) -> Path:
    """The tiny bundle, its categories taken away by a table of none."""
    dataset = load_bundle(folder)
    with BundleWriter(folder) as writer:
        none = [None] * len(dataset.products)
        writer.write_categories(dataset.products["product_id"].tolist(), none, np.zeros(len(none), bool))
    return folder
