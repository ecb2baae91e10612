"""python -m precompute sqid: from a web server that misbehaves to a bundle with figures, in one command."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
import raw_esci
from bad_server import BadServer, Instead, Reset, Resource, Short, Status, lfs_pointer, statuses

from precompute.__main__ import main
from precompute.fetch.files import BASES, FILES, fetch
from precompute.fetch.retries import Patience
from precompute.steps import sqid
from sqid_core.bundle.load import load_bundle

QUICK = Patience(attempts=6, unreachable=2, first_wait=0.001, longest_wait=0.01, connect_seconds=5, read_seconds=5)
ESCI = "/amazon-science/esci-data/main/shopping_queries_dataset/"
HUB = "/datasets/crossingminds/shopping-queries-image-dataset/resolve/main/data/"
GITHUB = "/Crossing-Minds/shopping-queries-image-dataset/main/sqid/"
NAMES = {
    "examples": "shopping_queries_dataset_examples",
    "products": "shopping_queries_dataset_products",
    "sources": "shopping_queries_dataset_sources",
    "image_urls": "product_image_urls",
    "query_features": "query_features",
    "product_features": "product_features",
}


@pytest.fixture
def raw(tmp_path):
    """The seven files by their real names: product id, path."""
    folder = tmp_path / "raw"
    files = {NAMES[name]: path for name, path in raw_esci.write(folder).items() if name in NAMES}
    raw_esci.sources().to_csv(folder / "sources.csv", index=False)
    raw_esci.image_urls().to_csv(folder / "image_urls.csv", index=False)
    files["shopping_queries_dataset_sources"] = folder / "sources.csv"
    files["supp_product_image_urls"] = folder / "image_urls.parquet"
    return {name: path.read_bytes() for name, path in files.items()} | {
        "product_image_urls.csv": (folder / "image_urls.csv").read_bytes()
    }


def web(raw):
    """GitHub with Git LFS for the Parquet files, and the Hub."""
    pages: dict[str, Resource | bytes] = {}
    for name in ("shopping_queries_dataset_examples", "shopping_queries_dataset_products"):
        pages[f"{ESCI}{name}.parquet"] = lfs_pointer(raw[name])
        pages[f"/media{ESCI}{name}.parquet"] = raw[name]
    pages[f"{ESCI}shopping_queries_dataset_sources.csv"] = raw["shopping_queries_dataset_sources"]
    for name in ("product_image_urls", "query_features", "product_features", "supp_product_image_urls"):
        pages[f"{HUB}{name}.parquet"] = raw[name]
    return pages


@pytest.fixture
def server(raw, monkeypatch):
    monkeypatch.setattr(sqid, "PATIENCE", QUICK)
    monkeypatch.setattr(sqid, "COUNTS", {"queries": 3, "judgements": 17, "products": 8})
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with BadServer(web(raw)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url())
        monkeypatch.setenv("SQID_GITHUB_RAW", running.url())
        monkeypatch.setenv("SQID_GITHUB_MEDIA", running.url("/media"))
        yield running


@pytest.fixture
def out(tmp_path):
    return tmp_path / "data" / "sqid"


def content(folder: Path) -> dict[Path, bytes]:
    """Every file that the manifest names, but for the index, which takes more than one thread."""
    named = [*load_bundle(folder).manifest.files, "manifest.json"]
    return {name: (folder / name).read_bytes() for name in named if "index" not in name and name != "manifest.json"}


def test_the_addresses_are_those_of_the_facts(monkeypatch):
    for variable, _ in BASES.values():
        monkeypatch.delenv(variable, raising=False)
    addresses = {f"{BASES[base][1]}{path}" for file in FILES for base, path in file.places}
    assert len(FILES) == 7
    assert (
        "https://media.githubusercontent.com/media/Crossing-Minds/shopping-queries-image-dataset/main/sqid/product_features.parquet"
        in addresses
    )
    assert (
        "https://raw.githubusercontent.com/Crossing-Minds/shopping-queries-image-dataset/main/sqid/supp_product_image_urls.csv"
        in addresses
    )
    assert (
        "https://huggingface.co/datasets/crossingminds/shopping-queries-image-dataset/resolve/main/data/query_features.parquet"
        in addresses
    )
    assert (
        "https://media.githubusercontent.com/media/amazon-science/esci-data/main/shopping_queries_dataset/shopping_queries_dataset_products.parquet"
        in addresses
    )


def files_asked(server):
    """The requests for files. Where no test loaded it before, huggingface_hub looks for weights at this server too."""
    return [request.path for request in server.log if "/shopping" in request.path]


def test_one_command(server, out, capsys):
    assert main(["sqid", "--out", str(out)]) == 0
    dataset = load_bundle(out)
    assert dataset.manifest.counts == {"queries": 3, "judgements": 17, "products": 8}
    assert set(dataset.signals) == {"clip_text", "clip_image"}
    assert dataset.queries["source"].notna().sum() == 2
    assert dataset.products["image"].notna().sum() == 2
    assert dataset.manifest.signals["clip_text"].index is not None
    said = capsys.readouterr().out
    assert "ok      files" in said
    assert "clip_image" in said
    assert sorted(path.name for path in out.parent.iterdir()) == ["downloads", "sqid"]
    asked, indexed = files_asked(server), (out / "signals" / "clip_text" / "index.hnsw").stat()
    assert main(["sqid", "--out", str(out)]) == 0
    assert files_asked(server) == asked
    assert (out / "signals" / "clip_text" / "index.hnsw").stat() == indexed


def test_a_web_at_its_worst_gives_the_same_bytes(server, raw, out, tmp_path, monkeypatch):
    assert main(["sqid", "--out", str(out)]) == 0
    features = server.resources[f"{HUB}product_features.parquet"]
    features.faults = [Status(429, {"Retry-After": "0"}), Short(20_000), Reset(after=30_000), Status(503)]
    server.resources[f"/media{ESCI}shopping_queries_dataset_products.parquet"].faults = [Reset(), Short(1000)]
    server.resources[f"{HUB}query_features.parquet"].faults = [Instead(b"<html>log in</html>")]
    server.resources[f"{GITHUB}query_features.parquet"] = Resource(lfs_pointer(raw["query_features"]))
    server.resources[f"/media{GITHUB}query_features.parquet"] = Resource(raw["query_features"], ranges=False)
    server.resources[f"{HUB}product_image_urls.parquet"].faults = [Status(404)]
    server.resources[f"{GITHUB}product_image_urls.csv"] = Resource(raw["product_image_urls.csv"])
    other = tmp_path / "again" / "sqid"
    assert main(["sqid", "--out", str(other)]) == 0
    assert content(other) == content(out)
    downloads = {path.name for path in (other.parent / "downloads").iterdir()} - {".lock"}
    assert "product_image_urls.csv" in downloads
    assert len(downloads) == 7


def test_a_large_file_behind_a_pointer_is_gone_on_with_by_the_next_run(server, tmp_path):
    body = b"PAR1" + os.urandom(500_000) + b"PAR1"
    name = f"{ESCI}shopping_queries_dataset_products.parquet"
    server.resources[name] = Resource(lfs_pointer(body))
    server.resources[f"/media{name}"] = Resource(body, faults=[Short(300_000), *statuses(*[500] * 11)])
    folders = {"esci": None, "sqid": None}
    assert "shopping_queries_dataset_products" in fetch(tmp_path / "d", folders, False, QUICK).missing
    fetched = fetch(tmp_path / "d", folders, False, QUICK)
    assert fetched.paths["shopping_queries_dataset_products"].read_bytes() == body
    assert server.ranges(f"/media{name}")[-1] == f"bytes={4 * 65_536}-"
    assert not (tmp_path / "d" / ".parts").exists()


def test_files_that_are_there_are_used_as_they_are(server, raw, out, tmp_path):
    esci, hub = tmp_path / "esci-data" / "shopping_queries_dataset", tmp_path / "hub" / "data"
    esci.mkdir(parents=True)
    hub.mkdir(parents=True)
    (esci / "shopping_queries_dataset_products.parquet").write_bytes(raw["shopping_queries_dataset_products"])
    (hub / "product_features.parquet").write_bytes(raw["product_features"])
    words = ["sqid", "--out", str(out), "--esci-dir", str(esci.parent), "--sqid-dir", str(hub.parent)]
    assert main(words) == 0
    assert not any("products.parquet" in r.path or "product_features" in r.path for r in server.log)
    assert len(list((out.parent / "downloads").glob("*.*"))) == 6  # five files and the lock


def test_a_pointer_in_the_users_folder(server, raw, out, tmp_path, capsys):
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "product_features.parquet").write_bytes(lfs_pointer(raw["product_features"]))
    assert main(["sqid", "--out", str(out), "--sqid-dir", str(tmp_path / "clone")]) == 2
    assert "is a Git LFS pointer" in capsys.readouterr().err
    assert not out.exists()


REFUSED = {
    "nothing anywhere": (404, "answered 404"),
    "forbidden": (403, "answered 403"),
    "always busy": (503, "answered 503 6 times in a row"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_had(case, server, out, capsys):
    code, message = REFUSED[case]
    server.resources[f"{HUB}product_features.parquet"].faults = list(statuses(*[code] * 50))
    assert main(["sqid", "--out", str(out)]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(said) == 1
    assert "product_features could not be had" in said[0]
    assert message in said[0]
    assert not out.exists()


def test_without_the_supplement_and_the_sources_it_goes_on(server, out, capsys):
    del server.resources[f"{HUB}supp_product_image_urls.parquet"]
    del server.resources[f"{ESCI}shopping_queries_dataset_sources.csv"]
    assert main(["sqid", "--out", str(out)]) == 0
    assert "supp_product_image_urls: missing" in capsys.readouterr().out


def test_other_counts_are_refused_unless_partial(server, out, capsys, monkeypatch):
    monkeypatch.setattr(sqid, "COUNTS", {"queries": 8956, "judgements": 181701, "products": 164900})
    assert main(["sqid", "--out", str(out)]) == 2
    assert "3 queries, expected 8,956 and 17 judgements" in capsys.readouterr().err
    assert not out.exists()
    assert main(["sqid", "--out", str(out), "--partial"]) == 0
    assert "missing are 8,953 of 8,956 queries, 181,684 of 181,701 judgements" in capsys.readouterr().out


def test_a_slice_without_vectors_and_without_a_network(raw, out, tmp_path, capsys, monkeypatch):
    for name in ("shopping_queries_dataset_examples", "shopping_queries_dataset_products"):
        (tmp_path / f"{name}.parquet").write_bytes(raw[name])
    words = ["sqid", "--out", str(out), "--esci-dir", str(tmp_path), "--partial", "--offline"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "product_features: missing" in said
    assert "the vectors are missing" in said
    assert load_bundle(out).signals == {}
    assert not (out.parent / "downloads").exists()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert main([word for word in words if word not in ("--partial", "--offline")]) == 2
    assert main(["sqid", "--out", str(out), "--esci-dir", str(tmp_path / "nowhere")]) == 2


def test_nobody_there(out, capsys, monkeypatch):
    with BadServer() as gone:
        address = gone.url()
    for variable, _ in BASES.values():
        monkeypatch.setenv(variable, address)
    monkeypatch.setattr(sqid, "PATIENCE", QUICK)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert main(["sqid", "--out", str(out)]) == 2
    shown = capsys.readouterr()
    assert "is out of reach" in shown.err
    assert shown.out.count("trying again") == 1  # a host that is out of reach is waited for once, not for each file


def test_a_product_table_of_another_locale(server, raw, out, tmp_path, capsys):
    frame = raw_esci.products().assign(product_locale="es").drop_duplicates("product_id")
    frame.to_parquet(tmp_path / "shopping_queries_dataset_products.parquet")
    assert main(["sqid", "--out", str(out), "--esci-dir", str(tmp_path)]) == 2
    assert "lacks 8 judged products of the locale us" in capsys.readouterr().err
    assert not out.exists()
    assert pd.read_parquet(tmp_path / "shopping_queries_dataset_products.parquet")["product_id"].is_unique
