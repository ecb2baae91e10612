"""The bundles that the recorded links open: the tiny one first, then those with what makes links difficult."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from fixtures import (
    ENCODER,
    QUERIES,
    THREE,
    build_tiny_bundle,
    draw,
    judgement_frame,
    product_frame,
    product_vectors,
    text_vector,
)

from precompute.__main__ import main as precompute
from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.write import BundleWriter

# Letters that a link must escape, or that mean something in one.
ODD_IDS = ("q 1", "q/2", "ü|3", "%7C", "a+b", "c&d=e", "#7", "مرحبا")
ODD_BRANDS = ('O’Neil & "Söhne"', "a|b", "50% off", "x+y = z", "%7C")
ODD_CATEGORIES = {"mug": "Home & Garden", "lamp": "Light|Lamps", "chair": "50% wood", "clock": "x+y = z"}


def build_link_bundles(root: Path) -> None:
    """tiny: text and image. tricky: odd names, a second text signal in a space of its own. two: a run file and indexes.
    txt: one signal. unencoded: none. verdicts: three grades, one of the queries without a gain, one with one product.
    """
    build_tiny_bundle(root / "tiny")
    _tricky(root / "tricky")
    _two(root / "two")
    build_tiny_bundle(root / "txt", modalities=("text",), name="txt")
    build_tiny_bundle(root / "unencoded", modalities=(), name="unencoded")
    _verdicts(root / "verdicts")


def _tricky(folder: Path) -> None:
    products = product_frame()
    products["product_id"] = [f"B {i}|%é" if i % 5 == 0 else each for i, each in enumerate(products["product_id"])]
    products["brand"] = [ODD_BRANDS[i % len(ODD_BRANDS)] for i in range(len(products))]
    kinds = products["category"].tolist()
    judgements = judgement_frame(products)
    judgements["query_id"] = [ODD_IDS[int(each)] for each in judgements["query_id"]]
    products["category"] = [ODD_CATEGORIES.get(kind, kind) for kind in kinds]
    queries = pd.DataFrame({"query_id": ODD_IDS, "query": QUERIES, "source": ["other", "nlqec"] * 4})
    _write(folder, products, queries, judgements, ESCI, kinds, second_text=True)


def _two(folder: Path) -> None:
    build_tiny_bundle(folder, name="two")
    pairs = judgement_frame(product_frame())
    lines = [
        f"{pair.query_id} Q0 {pair.product_id} 1 {(7 * int(str(pair.product_id)[1:])) % 61} other"
        for pair in pairs.itertuples()
    ]
    run = folder.parent / "other.run"
    run.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert precompute(["run-file", str(folder), "--signal", "bm25", "--modality", "text", "--run", str(run)]) == 0
    assert precompute(["index", str(folder), "--threads", "1"]) == 0
    run.unlink()


def _verdicts(folder: Path) -> None:
    products = product_frame()
    pairs = judgement_frame(products)
    pairs["label"] = pairs["label"].map({"E": "Good", "S": "Fair", "C": "Fair", "I": "Bad"}.get)
    pairs.loc[pairs["query_id"] == "00", "label"] = "Bad"
    first = pairs[pairs["query_id"] == "01"].head(1).assign(label="Good")
    queries = pd.DataFrame({"query_id": [f"{q:02d}" for q in range(len(QUERIES))], "query": QUERIES, "source": "other"})
    rest = pairs[~pairs["query_id"].isin(["01", "02"])]
    _write(folder, products, queries, pd.concat([first, rest]), THREE, products["category"].tolist())


def _write(
    folder: Path,
    products: pd.DataFrame,
    queries: pd.DataFrame,
    judgements: pd.DataFrame,
    scale: LabelScale,
    kinds: Sequence[str],
    second_text: bool = False,
) -> None:
    """kinds: of each product what its vectors and its picture show."""
    images = folder / "images"
    images.mkdir(parents=True)
    for picture, kind, colour in zip(products["image"], kinds, products["color"], strict=True):
        if isinstance(picture, str):
            draw(images / picture, kind, colour)
    with BundleWriter(folder) as writer:
        about = {"title": f"The {folder.name} catalogue", "licence": "CC0-1.0", "source": "drawn"}
        writer.write_tables(folder.name, products, queries, judgements, scale, about)
    order = pd.read_parquet(folder / "products.parquet")
    known = dict(zip(products["product_id"], kinds, strict=True))
    shown = order.assign(category=[known[product] for product in order["product_id"]])
    stored = pd.read_parquet(folder / "queries.parquet")["query"]
    texts = np.stack([text_vector(query) for query in stored])
    with BundleWriter(folder) as writer:
        writer.write_encoder(ENCODER, texts)
        writer.write_signal("words_text", "text", ENCODER.name, *product_vectors(shown, "text"))
        writer.write_signal("words_image", "image", ENCODER.name, *product_vectors(shown, "image"))
        if second_text:
            other = replace(ENCODER, name="others", model="other words")
            writer.write_encoder(other, np.ascontiguousarray(texts[:, ::-1]))
            vectors, present = product_vectors(shown, "image")
            writer.write_signal("other_text", "text", other.name, np.ascontiguousarray(vectors[:, ::-1]), present)
