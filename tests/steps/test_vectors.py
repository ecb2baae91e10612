"""python -m precompute vectors: what another program made of products and queries, as a signal."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.encoders.families import load_encoder
from sqid_core.errors import EncoderError
from sqid_core.evaluation.reports import signal_run


@pytest.fixture
def files(bundle: Path, tmp_path: Path) -> dict[str, Path]:
    """Vectors of 5 numbers as arrays in the bundle's order, the second product without one."""
    dataset = load_bundle(bundle)
    rng = np.random.default_rng(5)
    arrays = {
        "products": rng.normal(size=(len(dataset.products), 5)),
        "queries": rng.normal(size=(len(dataset.queries), 5)),
    }
    arrays["products"][1] = 0
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array.astype(np.float32))
    return {name: tmp_path / f"{name}.npy" for name in arrays}


def added(bundle: Path, files: dict[str, Path], *words: str, signal: str = "mine") -> int:
    given = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    return main(["vectors", str(bundle), "--signal", signal, "--modality", "text", *given, *words])


def as_parquet(bundle: Path, files: dict[str, Path], tmp_path: Path, shuffled: int = 3) -> dict[str, Path]:
    dataset = load_bundle(bundle)
    for name, key, table in (("products", "product_id", dataset.products), ("queries", "query_id", dataset.queries)):
        frame = pd.DataFrame({key: table[key].tolist(), "embedding": list(np.load(files[name]))})
        more = pd.DataFrame({key: ["of others"], "embedding": [np.ones(5, np.float32)]})
        pd.concat([frame, more]).sample(frac=1, random_state=shuffled).to_parquet(tmp_path / f"{name}.parquet")
    return {name: tmp_path / f"{name}.parquet" for name in files}


def test_arrays_are_a_signal_that_ranks_like_their_cosines(bundle, files, capsys):
    assert added(bundle, files, "--model", "voyage-3") == 0
    dataset = load_bundle(bundle)
    signal = dataset.signals["mine"]
    products, queries = (np.load(path).astype(np.float64) for path in files.values())
    np.testing.assert_allclose(signal.products[0], products[0] / np.linalg.norm(products[0]), rtol=1e-6)
    assert signal.present.tolist() == [row != 1 for row in range(len(products))]
    rows = dataset.judgements.rows[0][dataset.judgements.mask[0]]
    cosines = products[rows] @ queries[0] / np.maximum(np.linalg.norm(products[rows], axis=1), 1e-9)
    expected = np.argsort(-np.where(rows == 1, -np.inf, cosines), kind="stable")
    assert signal_run(dataset, "mine").order[0, : len(rows)].tolist() == expected.tolist()
    assert dataset.manifest.encoders["voyage-3"].model == "voyage-3"
    with pytest.raises(EncoderError, match="voyage-3 came as a file, and nothing here makes more"):
        load_encoder(dataset.manifest.encoders["voyage-3"], None)
    assert main(["verify", str(bundle)]) == 0
    assert main(["evaluate", str(bundle), "--text", "mine"]) == 0
    capsys.readouterr()
    assert added(bundle, files, "--model", "voyage-3") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_parquet_in_any_order_gives_the_same(bundle, files, tmp_path):
    assert added(bundle, files) == 0
    before = {
        n: d for n, d in load_bundle(bundle).manifest.files.items() if "signals/mine/p" in n or "queries.npy" in n
    }
    assert added(bundle, as_parquet(bundle, files, tmp_path)) == 0
    assert {name: load_bundle(bundle).manifest.files[name] for name in before} == before


def test_other_vectors_under_the_same_name_replace_them(bundle, files, capsys):
    assert added(bundle, files, "--model", "m") == 0
    np.save(files["queries"], np.load(files["queries"])[::-1])
    assert added(bundle, files, "--model", "m") == 0
    assert added(bundle, files, "--model", "m", signal="second") == 0
    np.save(files["queries"], np.load(files["queries"])[::-1])
    assert added(bundle, files, "--model", "m") == 2
    assert "which second needs" in capsys.readouterr().err
    assert added(bundle, files, signal="words_text") == 2
    assert "of another kind or model" in capsys.readouterr().err


def test_a_model_that_makes_others_is_refused(bundle, files, capsys, tmp_path):
    assert added(bundle, files, "--family", "open_clip") == 2
    assert "--family needs --model" in capsys.readouterr().err


class Evil:
    """Would run code where it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


def changed(path: Path, change) -> None:
    np.save(path, change(np.load(path)))


WRONG = {
    "too few rows": (
        "products",
        lambda path: changed(path, lambda a: a[:-1]),
        "in the order of the bundle's own table",
    ),
    "one dimension": ("products", lambda path: changed(path, lambda a: a[0]), "expected numbers in rows"),
    "words": ("products", lambda path: changed(path, lambda a: a.astype(str)), "expected numbers in rows"),
    "an infinity": ("products", lambda path: changed(path, lambda a: np.where(a == a[0, 0], np.inf, a)), "row 0 of"),
    "another length": ("queries", lambda path: changed(path, lambda a: a[:, :3]), "both must be of one model"),
    "a query without": (
        "queries",
        lambda path: changed(path, lambda a: a * (np.arange(len(a)) != 1)[:, None]),
        "no vector for 1",
    ),
    "objects": (
        "products",
        lambda path: np.save(path, np.array([Evil()], dtype=object), allow_pickle=True),
        "cannot be read as an array",
    ),
    "a pickle": ("products", lambda path: path.write_bytes(pickle.dumps(Evil())), "holds no vectors"),
    "cut off": ("products", lambda path: path.write_bytes(path.read_bytes()[:-40]), "cannot be read as an array"),
    "a huge head": (
        "products",
        lambda path: path.write_bytes(path.read_bytes().replace(b"5)", b"5000000000000)")),
        "cannot be read as an array",
    ),
    "a table of words": (
        "products",
        lambda path: pd.DataFrame({"product_id": ["a"]}).to_parquet(path),
        "0 columns of lists",
    ),
    "csv": ("products", lambda path: path.write_text("product_id,a\n1,2\n"), "holds no vectors"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_vectors_are_refused_with_one_sentence(case, bundle, files, capsys):
    name, damage, message = WRONG[case]
    damage(files[name])
    before = (bundle / "manifest.json").read_bytes()
    assert added(bundle, files) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(said) == 1
    assert message in said[0]
    assert (bundle / "manifest.json").read_bytes() == before
