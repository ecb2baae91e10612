"""A tiny bundle that every test may share: 60 drawn products, 8 judged queries, and an encoder of a few words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, ImageDraw

from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec

DIM = 24
COLOURS = {
    "red": "#c0392b",
    "blue": "#2c5fa8",
    "green": "#2f8f57",
    "yellow": "#e5b93c",
    "black": "#2a2d34",
    "white": "#e9e7e2",
}
TYPES = ("mug", "lamp", "chair", "clock", "shirt", "shoe", "backpack", "bowl", "scarf", "umbrella")
GOES_WITH = {"mug": "bowl", "lamp": "clock", "chair": "lamp", "shirt": "scarf", "shoe": "backpack"}
QUERIES = ("red mug", "blue lamp", "green chair", "yellow umbrella", "black shoe", "white shirt", "red backpack", "mug")
MARKUP = "<img src=x onerror=alert(1)> <b>Blue</b> lamp & shade"
# Grades of somebody's own; the first two are relevant.
THREE = LabelScale(
    ("Good", "Fair", "Bad"), ("G", "F", "B"), ("#047857", "#b45309", "#6b7280"), (("own", (1.0, 0.5, 0.0)),), 1
)
ENCODER = EncoderSpec("words", "open_clip", "words-of-the-tests", "", DIM, "none")
VOCABULARY = frozenset(COLOURS) | frozenset(TYPES)


def word_vector(word: str) -> npt.NDArray[np.float64]:
    """(DIM,) a direction of its own for each word, the same in every process."""
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).standard_normal(DIM)


def text_vector(text: str) -> npt.NDArray[np.float32]:
    """(DIM,) unit vector: the sum of the words' directions."""
    total = np.sum([word_vector(word) for word in text.lower().split()] or [word_vector("")], axis=0)
    return unit(total)


def unit(vector: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@dataclass
class WordEncoder:
    """What stands for a model where a test only needs vectors; counts its calls."""

    spec: EncoderSpec = ENCODER
    device: str = "cpu"
    calls: int = 0

    def encode_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.calls += 1
        return np.stack([text_vector(text) for text in texts])

    def encode_images(self, images: Sequence[Any]) -> npt.NDArray[np.float32]:
        return np.stack([unit(np.random.default_rng(0).standard_normal(DIM)) for _ in images])


def product_frame() -> pd.DataFrame:
    """60 products, one a type and colour; every 13th has no picture, one has markup in its title."""
    rows = []
    for i, (kind, colour) in enumerate((kind, colour) for kind in TYPES for colour in COLOURS):
        rows.append(
            {
                "product_id": f"P{i:03d}",
                "title": f"{('Nordhus', 'Linnea', 'Osterby')[i % 3]} {colour.title()} {kind}, {12 + i % 7} oz",
                "brand": ("Nordhus", "Linnea", "Osterby")[i % 3],
                "color": colour,
                "category": kind,
                "price": np.nan if i % 11 == 5 else 4.99 + i,
                "image": None if i % 13 == 7 else f"{kind}-{colour}.webp",
                "description": None,
                "locale": "us",
            }
        )
    rows[7]["title"] = MARKUP
    return pd.DataFrame(rows)


def label_of(query: str, kind: str, colour: str) -> str:
    words = query.split()
    wanted = words[-1]
    if kind == wanted:
        return "E" if len(words) == 1 or colour == words[0] else "S"
    return "C" if GOES_WITH.get(wanted) == kind else "I"


def judgement_frame(products: pd.DataFrame) -> pd.DataFrame:
    """Every product of the query's type, of its companion, and two of the same colour."""
    pairs = []
    for q, query in enumerate(QUERIES):
        wanted, colour = query.split()[-1], query.split()[0]
        slate = products[
            products["category"].isin([wanted, GOES_WITH.get(wanted, "")]) | (products["color"] == colour)
        ].head(18)
        pairs += [
            {"query_id": f"{q:02d}", "product_id": p.product_id, "label": label_of(query, p.category, p.color)}
            for p in slate.itertuples()
        ]
    return pd.DataFrame(pairs)


def draw(path: Path, kind: str, colour: str) -> None:
    """A simple picture: a shape that depends on the type, in the colour's ink."""
    picture = Image.new("RGB", (160, 160), "white")
    pen, ink, edge = ImageDraw.Draw(picture), COLOURS[colour], "#8a8f99"
    shape = TYPES.index(kind) % 3
    if shape == 0:
        pen.rounded_rectangle((38, 30, 122, 132), 18, fill=ink, outline=edge, width=2)
    elif shape == 1:
        pen.ellipse((30, 30, 130, 130), fill=ink, outline=edge, width=2)
    else:
        pen.polygon([(80, 24), (136, 132), (24, 132)], fill=ink, outline=edge)
    picture.save(path, quality=80)


def build_tiny_bundle(
    folder: Path,
    modalities: Sequence[str] = ("text", "image"),
    scale: LabelScale = ESCI,
    name: str = "tiny",
    copies: int = 1,
) -> Path:
    """Writes the bundle with a signal a modality; the same bytes every time. copies: of each query, for a queue."""
    products = product_frame()
    queries = pd.DataFrame({"query_id": [f"{q:02d}" for q in range(len(QUERIES))], "query": QUERIES, "source": "other"})
    judgements = judgement_frame(products)
    if copies > 1:
        numbered = [(f"{copy}" if copy else "") for copy in range(copies)]
        queries, judgements = (
            pd.concat([frame.assign(query_id=frame["query_id"] + copy) for copy in numbered], ignore_index=True)
            for frame in (queries, judgements)
        )
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    for product in products.itertuples():
        if isinstance(product.image, str):
            draw(images / product.image, product.category, product.color)
    with BundleWriter(folder) as writer:
        about = {
            "title": "Tiny test catalogue",
            "description": "60 drawn products.",
            "licence": "CC0-1.0",
            "source": "drawn",
        }
        writer.write_tables(name, products, queries, judgements, scale, about)
    order = pd.read_parquet(folder / "products.parquet")
    asked = pd.read_parquet(folder / "queries.parquet")["query"]
    with BundleWriter(folder) as writer:
        if modalities:
            writer.write_encoder(ENCODER, np.stack([text_vector(query) for query in asked]))
        for modality in modalities:
            vectors, present = product_vectors(order, modality)
            writer.write_signal(f"words_{modality}", modality, ENCODER.name, vectors, present)  # type: ignore[arg-type]
    return folder


def product_vectors(products: pd.DataFrame, modality: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Text knows the type and half of the colours, pictures know the colour and roughly the type: they complement."""
    rng = np.random.default_rng(0 if modality == "text" else 1)
    colour, kind = {"text": (0.35, 1.0), "image": (1.0, 0.55)}[modality]
    vectors = np.stack(
        [
            unit(colour * word_vector(p.color) + kind * word_vector(p.category) + 0.9 * rng.standard_normal(DIM))
            for p in products.itertuples()
        ]
    )
    present = np.ones(len(products), bool) if modality == "text" else products["image"].notna().to_numpy(dtype=bool)
    vectors[~present] = 0
    return vectors, present
