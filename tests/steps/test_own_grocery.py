"""A catalogue of another trade, pictures and all, through every step. The demo's encoder knows no groceries: its
rankings mean nothing here, the path does. Twenty queries, judged by hand."""

from __future__ import annotations

import json
from fnmatch import fnmatch

import pandas as pd
import pytest
from places import ROOT

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle

GROCERY = ROOT.parent / "shared" / "data" / "grocery"
MODEL = ROOT / "precompute" / "demo" / "model"
pytestmark = pytest.mark.skipif(not GROCERY.is_dir(), reason="../shared/data/grocery is not here")

# query: (exact, partial, irrelevant), each names of products, * standing for anything.
QUERIES = {
    "crisp red apple": ("Pink-Lady Red-Delicious Royal-Gala", "Golden-Delicious Granny-Smith", "Banana Garlic"),
    "green apple for baking": ("Granny-Smith", "Golden-Delicious Pink-Lady", "Cucumber Avocado"),
    "soy milk": ("Alpro-Fresh-Soy-Milk Alpro-Shelf-Soy-Milk", "Oatly-Oat-Milk Alpro-*-Soyghurt", "Arla-Sour-Milk"),
    "orange juice": ("Bravo-Orange-Juice God-Morgon-Orange-Juice", "God-Morgon-Orange-Red-*", "Lemon Zucchini"),
    "apple juice": ("Bravo-Apple-Juice God-Morgon-Apple-Juice Tropicana-Apple-Juice", "", "Bravo-Orange-Juice Lime"),
    "ripe banana": ("Banana", "", "Yellow-Onion Zucchini"),
    "potatoes for mash": ("Floury-Potato", "Solid-Potato Sweet-Potato", "Yellow-Onion Ginger"),
    "sweet melon": ("*-Melon Cantaloupe Watermelon", "", "Beef-Tomato Cabbage"),
    "pepper for salad": ("*-Bell-Pepper", "", "Garlic Leek"),
    "mushrooms": ("Brown-Cap-Mushroom", "", "Anjou Conference"),
    "lactose free milk": ("Arla-Lactose-*", "Oatly-Oat-Milk Alpro-*-Milk", "Arla-Standard-Milk Arla-Sour-Milk"),
    "natural yoghurt": ("Arla-Natural-*", "Oatly-Natural-Oatghurt Arla-Mild-Vanilla-Yoghurt", "Arla-Standard-Milk"),
    "vanilla yoghurt": ("*-Vanilla-Yoghurt", "Alpro-Vanilla-Soyghurt Yoggi-Strawberry-Yoghurt", "Arla-Sour-Cream"),
    "sour cream": ("Arla-Sour-Cream Arla-Ecological-Sour-Cream", "Arla-Sour-Milk", "Arla-Standard-Milk Mango"),
    "tomatoes on the vine": ("Vine-Tomato", "Beef-Tomato Regular-Tomato", "Red-Delicious Pomegranate"),
    "guacamole": ("Avocado", "Lime Garlic", "Banana Kiwi"),
    "citrus fruit": ("Lemon Lime Orange Satsumas Red-Grapefruit", "God-Morgon-*-Grapefruit-Juice", "Mango Carrots"),
    "juicy pear": ("Anjou Conference Kaiser", "", "Granny-Smith Cabbage"),
    "ecological milk": ("Garant-Ecological-*-Milk Arla-Ecological-*-Milk", "Arla-Medium-Fat-Milk", "Leek Asparagus"),
    "roots for soup": ("Carrots Red-Beet", "Ginger Leek Floury-Potato", "Plum Peach"),
}


def found(words: str, files: pd.Series) -> list[str]:
    """The products of a group; a name that none has is a mistake of this file."""
    names = files.str.removesuffix(".jpg").tolist()
    matches = [[name for name in names if fnmatch(name, word)] for word in words.split()]
    assert all(matches), words
    return [name for group in matches for name in group]


def judged(files: pd.Series) -> pd.DataFrame:
    rows = {
        (query, product): label
        for query, groups in QUERIES.items()
        for label, words in reversed(list(zip(("exact", "partial", "irrelevant"), groups, strict=True)))
        for product in found(words, files)
    }
    return pd.DataFrame([(q, p, label) for (q, p), label in rows.items()], columns=["query_id", "product_id", "label"])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grocery")
    index = pd.read_csv(GROCERY / "index.csv")
    names = index["name"].str.replace("-", " ")
    products = {"product_id": index["file"].str.removesuffix(".jpg"), "title": names, "category": index["group"]}
    pd.DataFrame(products | {"description": index["description"], "image": index["file"]}).to_csv(
        folder / "products.csv", index=False
    )
    pd.DataFrame({"query_id": list(QUERIES), "query": list(QUERIES)}).to_csv(folder / "queries.csv", index=False)
    judged(index["file"]).to_csv(folder / "judgements.csv", index=False)
    words = [f"--{name}={folder / name}.csv" for name in ("products", "queries", "judgements")]
    labels = "--labels=Exact=1,Partial=0.5,Irrelevant=0"
    assert main(["own", *words, labels, "--pictures", str(GROCERY), "--out", str(folder / "bundle")]) == 0
    return folder / "bundle"


def test_twenty_queries_with_their_own_grades(bundle):
    dataset = load_bundle(bundle)
    assert len(dataset.queries) == 20
    assert len(dataset.products) == 81
    assert dataset.scale.names == ("Exact", "Partial", "Irrelevant")
    assert (dataset.judgements.lengths >= 3).all()
    assert (dataset.judgements.gains(dataset.scale.gains()).max(axis=1) == 1).all()


def test_every_further_step(bundle, capsys):
    family = ["--family", "open_clip", "--model", str(MODEL)]
    for modality in ("text", "image"):
        assert main(["encode", str(bundle), "--signal", f"clip_{modality}", "--modality", modality, *family]) == 0
    assert main(["index", str(bundle)]) == 0
    assert main(["verify", str(bundle)]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(bundle), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["gains"], report["queries"]) == ("own", 20)
    assert {"random", "clip_text", "clip_image"} <= {method["name"] for method in report["methods"]}
    assert all(0 < method["ndcg"] <= 1 for method in report["methods"])
