"""`finetune --how adapter`: a signal over another's vectors, out-of-fold; and a sentence for what cannot be fitted."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import WordEncoder, build_tiny_bundle, text_vector

from precompute.__main__ import main
from precompute.steps import adapt
from sqid_core.bundle.adapted_signal import NO_FOLD, AdaptedSignal
from sqid_core.bundle.learned_signal import reads_labels
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError
from sqid_core.ranking.search import search


def finetune(bundle: Path, *words: str, out: str = "turned") -> int:
    return main(["finetune", str(bundle), "--encoder", "words", "--how", "adapter", "--out", out, *words])


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """The tiny bundle with each query twice, the second time in another split."""
    folder = build_tiny_bundle(tmp_path_factory.mktemp("start") / "bundle", copies=2)
    queries = pd.read_parquet(folder / "queries.parquet")
    return rewritten(folder, queries=queries.assign(split=np.where(queries["query_id"].str.len() > 2, "train", "test")))


@pytest.fixture(scope="module")
def adapted(start, tmp_path_factory) -> Path:
    folder = Path(shutil.copytree(start, tmp_path_factory.mktemp("adapted") / "bundle"))
    assert finetune(folder, "--rank", "2", "--folds", "4") == 0
    return folder


@pytest.fixture
def changed(adapted, tmp_path) -> Path:
    return Path(shutil.copytree(adapted, tmp_path / "changed"))


def rewritten(folder: Path, **tables: pd.DataFrame) -> Path:
    names = ("products", "queries", "judgements")
    found = [tables.get(name, pd.read_parquet(folder / f"{name}.parquet")) for name in names]
    scale = load_bundle(folder).scale
    before = load_bundle(folder)
    with BundleWriter(folder) as writer:
        writer.write_tables("tiny", *found, scale)
        if "queries" in tables:
            spec = before.manifest.encoders["words"]
            writer.write_encoder(spec, np.stack([text_vector(text) for text in found[1]["query"]]))
            for signal in before.signals.values():
                writer.write_signal(signal.name, signal.modality, "words", signal.products, signal.present, ("title",))
    return folder


def test_it_is_a_signal_that_searches_with_the_products_of_another(adapted):
    dataset = load_bundle(adapted)
    signal = dataset.signals["turned"]
    assert repr(signal) == "AdaptedSignal(turned: text, words_text with an adapter of rank 2)"
    assert signal.dense.products is dataset.signals["words_text"].products
    assert not (adapted / "signals/turned/products.npy").exists()
    assert dataset.kind("turned").coverage(signal, dataset.judgements).endswith("each query out of its fold")
    assert dataset.query_vectors("words") is dataset.signals["words_text"].queries
    assert reads_labels(signal)
    found = search(dataset, "a green lamp", "turned", k=3, encoder=WordEncoder())
    assert len(found) == 3
    assert main(["verify", str(adapted)]) == 0
    assert main(["evaluate", str(adapted), "--text", "turned"]) == 0


def test_a_judged_query_is_asked_out_of_its_fold_whoever_types_it(adapted):
    signal = load_bundle(adapted).signals["turned"]
    assert (signal.folds != NO_FOLD).all()
    for row, vector in enumerate(signal.asked):
        wobbly = vector + np.float32(1e-5)
        assert np.array_equal(signal.question(wobbly / np.linalg.norm(wobbly)), signal.dense.queries[row])
    new = text_vector("a scarf for the cold")
    assert np.array_equal(signal.question(new), signal.adapter(new[None])[0])
    # The adapter learned from texts: a picture is asked for as it is.
    assert np.array_equal(signal.searched({"words": new}, ""), signal.dense.catalogue_scores(new), equal_nan=True)
    assert signal.searched({"another": new}, "scarf") is None


def test_again_changes_nothing_and_elsewhere_gives_the_same_bytes(adapted, start, tmp_path, capsys):
    files = sorted(path for path in adapted.rglob("*") if path.is_file())
    before = {path: path.read_bytes() for path in files}
    assert finetune(adapted, "--rank", "2") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in sorted(adapted.rglob("*")) if path.is_file()}
    other = Path(shutil.copytree(start, tmp_path / "other"))
    assert finetune(other, "--rank", "2", "--folds", "4") == 0
    assert (other / "manifest.json").read_bytes() == before[adapted / "manifest.json"]


def test_an_interrupted_run_gives_the_same_bytes(adapted, start, tmp_path, monkeypatch):
    folder, kept, calls = Path(shutil.copytree(start, tmp_path / "bundle")), adapt.kept, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) in (3, 11):
            raise KeyboardInterrupt
        return kept(*arguments)

    monkeypatch.setattr(adapt, "kept", interrupted)
    assert [finetune(folder, "--rank", "2", "--folds", "4") for _ in range(3)] == [130, 130, 0]
    assert (folder / "manifest.json").read_bytes() == (adapted / "manifest.json").read_bytes()


def test_another_bundles_labels_leave_its_own_queries_unseen(adapted, tmp_path, capsys):
    products = pd.read_parquet(adapted / "products.parquet")
    other = build_tiny_bundle(tmp_path / "other")
    texts = [f"{colour} {kind}" for colour in ("red", "blue", "green") for kind in ("mug", "chair")]
    queries = pd.DataFrame({"query_id": [f"t{i}" for i in range(6)], "query": texts})
    pairs = pd.DataFrame(
        [
            {"query_id": f"t{i}", "product_id": product.product_id, "label": label}
            for i, text in enumerate(texts)
            for product in products.head(8).itertuples()
            for label in ["E" if text.split()[1] in product.title else "I"]
        ]
    )
    rewritten(other, queries=queries, judgements=pairs)
    target = Path(shutil.copytree(adapted, tmp_path / "target"))
    # "red mug" and "green chair" are queries of both.
    assert finetune(target, "--train", str(other), "--folds", "3", out="trained") == 0
    assert "trained, fitted to 4 queries, on queries that it did not see" in capsys.readouterr().out
    signal = load_bundle(target).signals["trained"]
    assert (signal.folds == NO_FOLD).all()
    assert signal.origin.trained_on == "tiny"
    assert not reads_labels(signal)


def test_a_split_is_learned_from_but_for_texts_that_the_rest_has_too(start, tmp_path, capsys):
    folder = Path(shutil.copytree(start, tmp_path / "split"))
    assert finetune(folder, "--train", "train") == 2
    assert "0 queries teach an order" in capsys.readouterr().err
    queries = pd.read_parquet(folder / "queries.parquet")
    inside = queries["split"] == "train"
    rewritten(folder, queries=queries.assign(query=np.where(inside, queries["query"] + " new", queries["query"])))
    assert finetune(folder, "--train", "train", "--folds", "3") == 0
    signal = load_bundle(folder).signals["turned"]
    assert ((signal.folds != NO_FOLD) == inside.to_numpy()).all()
    assert signal.origin.queries == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--encoder", "sbert"], "has no encoder 'sbert' with vectors to adapt; it has: words"),
        (["--signal", "bm25"], "'bm25' is no signal with vectors by the encoder words .* words_text, words_image"),
        (["--signal", "turned"], "'turned' is no signal with vectors by the encoder words"),
        (["--out", "words_text"], "has a signal words_text that is no adapter's; give this another --out"),
        (["--out", "../x"], "must consist of letters"),
        (["--train", "dev"], "--train 'dev' is neither a bundle nor a split of .*; its splits: test, train"),
        (["--folds", "2"], "--folds must be between 3 and 10, got 2"),
        (["--folds", "5"], "has 4 folds, which all its learned signals share"),
        (["--rank", "0"], "--rank must be between 1 and 256, got 0"),
        (["--how", "magic"], "Invalid value for '--how'"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(adapted, capsys, words, said):
    before = (adapted / "manifest.json").read_bytes()
    assert finetune(adapted, *words, out="new") == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert re.search(said, told[0]), told
    assert (adapted / "manifest.json").read_bytes() == before
    assert not (adapted / ".finetune").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pairs: pairs.assign(label="E"), "no query of .* has judged products of different worth"),
        (lambda pairs: pairs[pairs["query_id"] < "02"], "2 queries teach anything .* too few for 5 folds"),
    ],
)
def test_too_little_to_learn_from_gets_a_sentence(bundle, capsys, change, said):
    rewritten(bundle, judgements=change(pd.read_parquet(bundle / "judgements.parquet")))
    assert finetune(bundle) == 2
    assert re.search(said, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--encoder", "words"], "has no encoder 'words' with vectors to adapt; run python -m precompute encode first"),
        (["--encoder", ""], "has no encoder ''"),
    ],
)
def test_a_run_has_no_vectors_to_adapt(tmp_path, capsys, words, said):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    dataset = load_bundle(folder)
    with BundleWriter(folder) as writer:
        scores = np.where(dataset.judgements.mask, 1.0, np.nan)
        writer.write_scores("run", "text", scores, {})
    assert finetune(folder, *words) == 2
    assert said in capsys.readouterr().err


def test_other_labels_drop_it_and_so_does_the_signal_that_it_is_made_of(changed):
    manifest = load_bundle(changed).manifest
    assert manifest.signals["turned"].of == "words_text"
    rewritten(changed, judgements=pd.read_parquet(changed / "judgements.parquet")[5:])
    assert [*load_bundle(changed).signals] == ["words_text", "words_image"]


def test_a_write_that_breaks_off_at_its_vectors_leaves_a_bundle(changed):
    with pytest.raises(RuntimeError), BundleWriter(changed) as writer:
        dataset = load_bundle(changed)
        signal = dataset.signals["words_text"]
        writer.write_signal("words_text", "text", "words", signal.products[::-1].copy(), signal.present, ("title",))
        writer._disown_changed_files()
        raise RuntimeError
    assert [*load_bundle(changed).signals] == ["words_image"]


def test_the_order_of_signals_is_kept(changed):
    with BundleWriter(changed) as writer:
        writer.order_signals(["turned", "words_image", "words_text"])
        writer.write_array("signals/turned/folds.npy", np.load(changed / "signals/turned/folds.npy"), np.int8)
    dataset = load_bundle(changed)
    assert [*dataset.signals] == ["turned", "words_image", "words_text"]
    assert isinstance(dataset.search_signal("text"), AdaptedSignal)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("folds.npy", lambda array: (array + 1) % 4, "was fitted on other folds"),
        ("queries.npy", lambda array: array * 2, "vectors must be normalised"),
        ("queries.npy", lambda array: array[:5], "expected float32"),
        ("up.npy", lambda array: array + np.float32("nan"), "holds what is no number"),
        ("down.npy", lambda array: array[:1], "expected float32"),
    ],
)
def test_what_was_changed_is_refused(changed, file, change, said):
    name = f"signals/turned/{file}"
    with BundleWriter(changed) as writer:
        array = np.load(changed / name)
        writer.write_array(name, change(array).astype(array.dtype), array.dtype)
    with pytest.raises(BundleError, match=said):
        load_bundle(changed)


def test_vectors_are_not_encoded_over_it(adapted, tmp_path, capsys):
    from tiny_models import write_random_clip

    model = ["--model", str(write_random_clip(tmp_path / "clip")), "--device", "cpu"]
    assert main(["encode", str(adapted), "--signal", "turned", "--modality", "text", *model]) == 2
    assert "has a signal turned by words (text); give this one another --signal name" in capsys.readouterr().err
