"""python -m precompute own: a catalogue of one's own, graded in its own words."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from PIL import Image
from tiny_models import write_random_clip

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.shown_pictures import STATUS_TABLE
from sqid_core.indexes.hnsw import hnswlib_installed

LABELS = "Perfect=1,Close=0.4,Wrong=0"


def products():
    return pd.DataFrame(
        {
            "product_id": ["007", "b2", "c3", "d4"],
            "title": ["Red apple", "Green apple", "<b>Pear</b>", "Plum"],
            "brand": ["None", "", "Orchard", "Orchard"],
            "price": ["$1.50", "2", "", "x"],
            "image": ["apple.png", "sub/green apple.png", "https://h.example/p,1.jpg", ""],
        }
    )


def queries():
    return pd.DataFrame({"query_id": ["1", "2"], "query": ["apple", "fruit, ripe"], "source": ["hand", "hand"]})


def judgements():
    rows = [
        ("1", "007", "Perfect"),
        ("1", "b2", "close"),
        ("1", "c3", "W"),
        ("2", "c3", "Perfect"),
        ("2", "d4", "Wrong"),
    ]
    return pd.DataFrame(rows, columns=["query_id", "product_id", "label"])


TABLES = {"products": products, "queries": queries, "judgements": judgements}


@pytest.fixture
def folder(tmp_path):
    """Pictures: one at the top, one below, one named after a product's id."""
    place = tmp_path / "pictures"
    (place / "sub").mkdir(parents=True)
    Image.new("RGB", (900, 600), "red").save(place / "apple.png")
    Image.new("RGB", (40, 40), "green").save(place / "sub" / "green apple.png")
    Image.new("RGB", (50, 40), "purple").save(place / "d4.png")
    return place


def command(tmp_path, suffix="csv", labels=LABELS, pictures=None, out="out", **changed):
    raw = tmp_path / f"raw-{suffix}"
    raw.mkdir(exist_ok=True)
    words = ["own"]
    for name, make in TABLES.items():
        frame, path = changed.get(name, make()), raw / f"{name}.{suffix}"
        if isinstance(frame, bytes):
            path.write_bytes(frame)
        elif suffix == "csv":
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path, index=False)
        words += [f"--{name}", str(path)]
    words += ["--labels", labels] if labels else []
    words += ["--pictures", str(pictures)] if pictures else []
    return [*words, "--out", str(tmp_path / out)]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_made_up_data(suffix, tmp_path, folder, capsys):
    assert main(command(tmp_path, suffix, pictures=folder)) == 0
    dataset = load_bundle(tmp_path / "out")
    assert dataset.manifest.counts == {"products": 4, "queries": 2, "judgements": 5}
    assert dataset.scale.names == ("Perfect", "Close", "Wrong")
    assert dataset.scale.gains().tolist() == [1.0, 0.4, 0.0]
    stored = dataset.products.set_index("product_id")
    assert stored.loc["007", ["title", "brand", "price"]].tolist() == ["Red apple", "None", 1.5]
    assert pd.isna(stored.loc["b2", "brand"])
    table = pd.read_parquet(tmp_path / "out" / STATUS_TABLE).set_index("product_id")
    assert table.loc[["007", "b2", "d4"], "status"].tolist() == ["done"] * 3
    for name in table.loc[["007", "b2", "d4"], "file"]:
        with Image.open(tmp_path / "out" / "images" / name) as picture:
            assert max(picture.size) <= 512
    assert "next: python -m precompute images" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert main(["evaluate", str(tmp_path / "out"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert report["gains"] == "own"


def test_random_is_right_under_the_scales_own_gains(tmp_path, capsys):
    """Query 2: one perfect and one wrong product: NDCG is 1 or 1/log2(3), each with probability one half."""
    assert main(command(tmp_path, judgements=judgements()[3:], products=products().drop(columns="image"))) == 0
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "out"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["queries"] == 1
    assert report["methods"][0]["ndcg"] == pytest.approx((1 + 0.6309297535714575) / 2)


def test_escis_labels_are_the_default(tmp_path):
    pairs = judgements().assign(label=["Exact", "s", "I", "E", "Complement"])
    assert main(command(tmp_path, labels=None, judgements=pairs, products=products().drop(columns="image"))) == 0
    assert load_bundle(tmp_path / "out").scale.letters == ("E", "S", "C", "I")


def test_numbers_as_labels_and_whole_query_ids(tmp_path):
    pairs = judgements().assign(label=[2.0, 1.0, 0.0, 2.0, 0.0]).astype({"query_id": int})
    changed = {"judgements": pairs, "queries": queries().astype({"query_id": int}), "products": products().iloc[:, :3]}
    assert main(command(tmp_path, "parquet", "2=3,1=1,0=0", **changed)) == 0
    assert load_bundle(tmp_path / "out").queries["query_id"].tolist() == ["1", "2"]


def test_file_names_never_lead_out_of_the_folder(tmp_path, folder):
    Image.new("RGB", (60, 60), "blue").save(tmp_path / "secret.png")
    names = ["../secret.png", str(tmp_path / "secret.png"), "sub/../../secret.png", "..\\secret.png"]
    assert main(command(tmp_path, pictures=folder, products=products().assign(image=names))) == 0
    table = pd.read_parquet(tmp_path / "out" / STATUS_TABLE).set_index("product_id")
    assert table.loc[["007", "b2", "c3"], "status"].tolist() == ["missing"] * 3
    assert "secret" not in pd.read_parquet(tmp_path / "out" / "products.parquet")["image"].astype(str).str.cat()


def test_the_same_bytes_in_any_folder_and_order(tmp_path, folder):
    shuffled = {name: make().sample(frac=1, random_state=1) for name, make in TABLES.items()}
    assert main(command(tmp_path, pictures=folder, out="one")) == 0
    assert main(command(tmp_path, pictures=folder, out="two", **shuffled)) == 0
    one, two = (
        {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.*") if p.is_file()}
        for name in ("one", "two")
    )
    assert one == two


def changed_row(make, **values):
    frame = make()
    return pd.concat([frame, pd.DataFrame([frame.iloc[0].to_dict() | values])], ignore_index=True)


BAD = {
    "missing column": ({"products": products().drop(columns="title")}, "lacks the column title"),
    "label outside the scale": ({"judgements": changed_row(judgements, product_id="d4", label="Great")}, "'Great'"),
    "no label": ({"judgements": changed_row(judgements, product_id="d4", label="")}, "unknown label"),
    "a pair with two labels": (
        {"judgements": changed_row(judgements, label="Wrong")},
        "judgements.csv: query '1' and product '007' are judged twice",
    ),
    "unknown product": ({"judgements": changed_row(judgements, product_id="zz")}, "product_id 'zz'"),
    "unknown query": ({"judgements": changed_row(judgements, query_id="9")}, "query_id '9'"),
    "duplicate product": ({"products": changed_row(products, title="again")}, "the product_id 007 twice"),
    "duplicate query": ({"queries": changed_row(queries, query="again")}, "the query_id 1 twice"),
    "empty file": ({"queries": b""}, "is empty"),
    "no rows": ({"queries": queries().head(0)}, "has no rows"),
    "LFS pointer": ({"products": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"}, "Git LFS pointer"),
    "a picture of another scheme": (
        {"products": products().assign(image="file:///etc/passwd")},
        "expected a http",
    ),
    "a script as picture": ({"products": products().assign(image="javascript:alert(1)")}, "--pictures"),
    "a picture at no address": ({"products": products().assign(image="http://[bad")}, "a http or https address"),
    "a picture of no host": ({"products": products().assign(image="https:///a.png")}, "a http or https address"),
    "a blank query": ({"queries": queries().assign(query=["apple", " "])}, "no text for the query 2"),
    "files without a folder": ({}, "say with --pictures"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_sentence_and_leaves_nothing(case, tmp_path, capsys):
    changed, message = BAD[case]
    if "picture" not in case and "folder" not in case and "products" not in changed:
        changed = {"products": products().drop(columns="image"), **changed}
    if case == "duplicate product":
        changed = {"products": changed["products"].drop(columns="image")}
    refused(command(tmp_path, **changed), message, tmp_path / "out", capsys)


def refused(words, message, out, capsys):
    assert main(words) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(said) == 1
    assert message in said[0]
    assert not out.exists()


def test_product_ids_as_numbers_and_truncated_parquet(tmp_path, capsys):
    numbers = products().iloc[:, :2].assign(product_id=[7, 2, 3, 4])
    refused(command(tmp_path, "parquet", products=numbers), "holds int64 values", tmp_path / "out", capsys)
    queries().to_parquet(tmp_path / "q.parquet")
    cut = (tmp_path / "q.parquet").read_bytes()[:-40]
    plain = products().iloc[:, :3]
    refused(command(tmp_path, "parquet", products=plain, queries=cut), "damaged or cut off", tmp_path / "out", capsys)


def test_wrong_labels_and_folders(tmp_path, capsys, folder):
    refused(command(tmp_path, labels="Good"), "expected NAME=GAIN", tmp_path / "out", capsys)
    refused(command(tmp_path, pictures=tmp_path / "nowhere"), "not a folder", tmp_path / "out", capsys)


def test_a_newer_bundle_is_not_overwritten(tmp_path, capsys):
    plain = products().iloc[:, :3]
    assert main(command(tmp_path, products=plain)) == 0
    path = tmp_path / "out" / "manifest.json"
    newer = json.dumps(json.loads(path.read_text()) | {"format_version": 99})
    path.write_text(newer)
    assert main(command(tmp_path, products=plain)) == 2
    assert "has bundle format 99" in capsys.readouterr().err
    assert path.read_text() == newer


def test_a_folder_with_another_manifest_is_left_alone_and_the_sentence_says_what_to_do(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text("[]")
    assert main(command(tmp_path, products=products().iloc[:, :3])) == 2
    assert f"delete {tmp_path / 'out'} first, or choose another --out" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_products_alone_are_a_bundle_to_search_in(tmp_path, capsys):
    table = tmp_path / "p.csv"
    table.write_text("product_id,title\n" + "".join(f"{i},product {i}\n" for i in range(30)))
    out = tmp_path / "bundle"
    assert main(["own", "--products", str(table), "--out", str(out)]) == 0
    model = ["--model", str(write_random_clip(tmp_path / "clip")), "--device", "cpu"]
    assert main(["encode", str(out), "--signal", "t", "--modality", "text", *model]) == 0
    dataset = load_bundle(out)
    assert (len(dataset.products), len(dataset.queries), dataset.judgements.rows.shape) == (30, 0, (0, 0))
    if hnswlib_installed():
        assert main(["index", str(out)]) == 0
        assert "against exact search, on 30 products" in capsys.readouterr().out
    assert main(["verify", str(out)]) == 0
    assert "none: this is a catalogue to search in" in capsys.readouterr().out
    assert main(["evaluate", str(out)]) == 2
    assert "nothing to evaluate" in capsys.readouterr().err
    table.write_text(table.read_text().replace("product 7", "another"))
    assert main(["own", "--products", str(table), "--out", str(out)]) == 0
    assert load_bundle(out).signals["t"].present.all()


def test_queries_without_judgements_stay(tmp_path, folder, capsys):
    products, queries, pairs = (tmp_path / f"{name}.csv" for name in "pqj")
    pairs.write_text("query_id,product_id,label\n1,a,E\n")
    products.write_text("product_id,title\na,b\n")
    queries.write_text("query_id,query\n1,mug\n")
    out = tmp_path / "bundle"
    assert main(["own", "--products", str(products), "--queries", str(queries), "--out", str(out)]) == 0
    assert load_bundle(out).queries["query"].tolist() == ["mug"]
    assert main(["own", "--products", str(products), "--judgements", str(pairs), "--out", str(tmp_path / "x")]) == 2
    assert "say with --queries" in capsys.readouterr().err
