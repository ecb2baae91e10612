"""python -m precompute run-file: another system's ranking as a signal, in every place that loops over signals."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import build_tiny_bundle, text_vector
from hypothesis import given
from hypothesis import strategies as st

from precompute.__main__ import main
from precompute.read import trec
from precompute.steps.run_file import read_run
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import read_manifest, sha256
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError
from sqid_core.evaluation.reports import fusion_run, signal_run
from sqid_core.exports import trec_runs
from sqid_core.ranking.candidates import catalogue_candidates, slate_candidates
from sqid_core.ranking.fusion import Fusion


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


@pytest.fixture
def run_path(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The tiny bundle's own fused ranking, written as any system would."""
    dataset = load_bundle(tiny_bundle)
    return trec.write_run(tmp_path, dataset, fusion_run(dataset, Fusion(image_weight=0.4), "other system"))


def imported(bundle: Path, run: Path, name: str = "other", modality: str = "text") -> int:
    return main(["run-file", str(bundle), "--signal", name, "--modality", modality, "--run", str(run)])


def figures(bundle: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, float]:
    capsys.readouterr()
    assert main(["evaluate", str(bundle), "--json", *words]) == 0
    return {method["name"]: method["ndcg"] for method in json.loads(capsys.readouterr().out)["methods"]}


def test_an_imported_ranking_scores_as_the_one_that_was_written(bundle: Path, run_path: Path, capsys) -> None:
    assert imported(bundle, run_path) == 0
    dataset = load_bundle(bundle)
    expected = fusion_run(dataset, Fusion(image_weight=0.4)).order
    np.testing.assert_array_equal(signal_run(dataset, "other").order, expected)
    assert dataset.signal("text") is dataset.signals["words_text"]
    found = figures(bundle, capsys, "--text", "other", "--fusion", "weighted,rrf,z-score")
    assert found["other"] > found["words_text"]
    assert {"weighted best", "rrf 0.5", "z-score cross-validated"} <= set(found)


def test_every_verb_copes_with_it(bundle: Path, run_path: Path, capsys) -> None:
    pytest.importorskip("hnswlib", reason="hnswlib is not installed")
    imported(bundle, run_path)
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert main(["verify", str(bundle)]) == 0
    assert "other ranks 100.0% of the judged pairs" in capsys.readouterr().out
    assert load_bundle(bundle).manifest.signals["other"].index is None
    words = ["--fusion", "embedding-average", "--text", "other"]
    assert main(["evaluate", str(bundle), *words]) == 2
    assert "needs vectors of one encoder" in capsys.readouterr().err


def test_the_same_file_again_changes_nothing_and_a_new_one_replaces_it(bundle: Path, run_path: Path, capsys) -> None:
    imported(bundle, run_path)
    before = {path: path.read_bytes() for path in bundle.rglob("*.*")}
    assert imported(bundle, run_path) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in bundle.rglob("*.*")} == before
    run_path.write_text("".join(run_path.read_text().splitlines(keepends=True)[::2]))
    assert imported(bundle, run_path) == 0
    assert np.isnan(load_bundle(bundle).signals["other"].scores[0]).sum() > 1


def test_products_that_are_not_ranked_come_last_and_unjudged_ones_are_counted(bundle: Path, tmp_path: Path, capsys):
    dataset = load_bundle(bundle)
    judgements, ids = dataset.judgements, dataset.products["product_id"]
    slate = judgements.rows[0][judgements.mask[0]]
    unjudged = np.setdiff1d(np.arange(len(ids)), slate)[0]
    run = tmp_path / "short.run"
    run.write_text(f"00 Q0 {ids[unjudged]} 1 9 x\n00 Q0 {ids[slate[3]]} 2 -1.5e3 x\n")
    assert imported(bundle, run) == 0
    said = capsys.readouterr().out
    assert f"1 of {judgements.lengths.sum():,} judged pairs are ranked; 1 line of" in said
    other = load_bundle(bundle).signals["other"]
    assert isinstance(other, ScoredSignal)
    assert signal_run(load_bundle(bundle), "other").order[0, 0] == 3
    assert other.slate_scores(judgements)[0, 3] == -1500


def test_blank_lines_a_byte_order_mark_and_dos_line_ends_do_not_matter(bundle: Path, run_path: Path, tmp_path: Path):
    assert imported(bundle, run_path) == 0
    plain = load_bundle(bundle).manifest.files["signals/other/scores.npy"]
    text = run_path.read_text().replace("\n", "\r\n")
    run_path.write_bytes(f"\ufeff\r\n{text}\r\n".encode())
    assert imported(bundle, run_path) == 0
    assert load_bundle(bundle).manifest.files["signals/other/scores.npy"] == plain


WRONG = {
    "unknown query": ("99 Q0 {p} 1 1 x\n", "line 1 of", "names the query_id '99', which is not in the bundle"),
    "unknown product": ("00 Q0 nothing 1 1 x\n", "line 1 of", "names the product_id 'nothing'"),
    "a pair twice": ("00 Q0 {p} 1 2 x\n00 Q0 {p} 2 1 x\n", "line 2 of", "again; keep one line a pair"),
    "nan": ("00 Q0 {p} 1 nan x\n", "line 1 of", "the score 'nan'; expected a finite number"),
    "infinite": ("00 Q0 {p} 1 inf x\n", "line 1 of", "finite number"),
    "a word": ("00 Q0 {p} 1 high x\n", "line 1 of", "the score 'high'"),
    "too few fields": ("00 {p}\n", "line 1 of", "2 fields; expected the 6 of a TREC run"),
    "a wrong line behind blank ones": ("00 Q0 {p} 1 2 x\n\n \nx\n", "line 4 of", "1 fields, the others have 6"),
    "a rank or a score": ("00 {p} 2\n00 {q} 1\n00 {r} 3\n", "", "whether it is a rank or a score cannot be told"),
    "blank lines alone": ("\n\n", "", "is empty"),
    "an empty file": ("", "", "is empty"),
    "nothing judged": ("00 Q0 {unjudged} 1 2 x\n", "", "ranks no judged product"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_refused_with_one_sentence(case: str, bundle: Path, tmp_path: Path, capsys) -> None:
    text, where, message = WRONG[case]
    dataset = load_bundle(bundle)
    slate, ids = dataset.judgements.rows[0], dataset.products["product_id"]
    unjudged = np.setdiff1d(np.arange(len(ids)), slate)[0]
    run = tmp_path / "wrong.run"
    run.write_text(text.format(p=ids[slate[0]], q=ids[slate[1]], r=ids[slate[2]], unjudged=ids[unjudged]))
    before = (bundle / "manifest.json").read_bytes()
    assert imported(bundle, run) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("precompute: ")
    assert where in said
    assert message in said
    assert (bundle / "manifest.json").read_bytes() == before
    assert not (bundle / "signals/other").exists()


def test_binary_files_missing_files_and_taken_names(bundle: Path, run_path: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "packed.run").write_bytes(b"\x1f\x8b\x08\x00\xff\xfe\n")
    for path, name, message in (
        (tmp_path / "packed.run", "other", "cannot be unpacked"),
        (tmp_path / "none.run", "other", "does not exist"),
        (run_path, "../up", "must consist of letters"),
        (run_path, "words_text", "has an encoded text signal words_text already"),
    ):
        assert imported(bundle, path, name) == 2
        assert message in capsys.readouterr().err
    imported(bundle, run_path)
    assert imported(bundle, run_path, modality="image") == 2
    assert "has an imported text signal other already" in capsys.readouterr().err
    command = ["encode", str(bundle), "--signal", "other", "--modality", "text", "--model", str(tmp_path)]
    assert main(command) == 2


def test_ids_with_blanks_come_back(tmp_path: Path) -> None:
    products = pd.DataFrame({"product_id": ["a b", "a%20b", "c%d", "é"], "title": "x"})
    queries = pd.DataFrame({"query_id": ["q 1"], "query": ["x"]})
    pairs = pd.DataFrame({"query_id": "q 1", "product_id": products["product_id"], "label": ["E", "S", "C", "I"]})
    from sqid_core.bundle.labels import ESCI

    with BundleWriter(tmp_path / "odd") as writer:
        writer.write_tables("odd", products, queries, pairs, ESCI)
    dataset = load_bundle(tmp_path / "odd")
    run = replace(fusion_like(dataset), name="odd")
    found = read_run(trec.write_run(tmp_path, dataset, run), dataset)
    np.testing.assert_array_equal(np.argsort(-found.scores[0]), run.order[0])


def fusion_like(dataset):
    from sqid_core.evaluation.reports import Run

    return Run("x", np.array([[2, 0, 3, 1]]))


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=6, unique=True))
def test_every_id_is_found_by_its_word(ids: list[str]) -> None:
    rows = trec.id_rows(ids)
    assert [rows[trec_runs.trec_word(text)] for text in ids] == list(range(len(ids)))


def test_other_judgements_drop_the_imported_scores(bundle: Path, run_path: Path) -> None:
    imported(bundle, run_path)
    tables = [pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    dataset = load_bundle(bundle)
    with BundleWriter(bundle) as writer:
        writer.write_tables("tiny", *tables, dataset.scale, dataset.manifest.about)
    assert "other" in load_bundle(bundle).signals
    with BundleWriter(bundle) as writer:
        writer.write_tables("tiny", *tables[:2], tables[2][1:], dataset.scale, dataset.manifest.about)
    assert set(load_bundle(bundle).signals) == {"words_text", "words_image"}
    assert not any(name.startswith("signals/other") for name in read_manifest(bundle).files)


DAMAGE = {
    "another shape": (lambda s: s[:, :-1], "expected float64"),
    "another type": (lambda s: s.astype(np.float32), "float32"),
    "an infinite score": (lambda s: np.where(np.isnan(s), s, np.inf), "infinite"),
    "a score at padding": (lambda s: np.nan_to_num(s), "no judged pair"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_scores_are_refused(case: str, bundle: Path, run_path: Path) -> None:
    imported(bundle, run_path)
    change, message = DAMAGE[case]
    path = bundle / "signals/other/scores.npy"
    np.save(path, change(np.load(path)))
    rehashed(bundle, "signals/other/scores.npy")
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle)


def test_scores_of_other_judgements_are_refused(bundle: Path, run_path: Path) -> None:
    imported(bundle, run_path)
    pairs = pd.read_parquet(bundle / "judgements.parquet")
    pairs.assign(label="E").to_parquet(bundle / "judgements.parquet", index=False)
    rehashed(bundle, "judgements.parquet")
    with pytest.raises(BundleError, match="was made for other judgements"):
        load_bundle(bundle)


def rehashed(bundle: Path, relative: str) -> None:
    manifest = read_manifest(bundle)
    changed = replace(manifest, files={**manifest.files, relative: sha256(bundle / relative)})
    (bundle / "manifest.json").write_text(json.dumps(changed.to_json()))


def test_an_interrupted_import_leaves_the_old_bundle(bundle: Path, run_path: Path, monkeypatch) -> None:
    before = (bundle / "manifest.json").read_bytes()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(BundleWriter, "_write_json", interrupt)
    assert imported(bundle, run_path) == 130
    assert (bundle / "manifest.json").read_bytes() == before
    assert not list(bundle.rglob("*.partial"))


def test_search_uses_vectors_for_the_catalogue_and_the_run_for_slates(run_path: Path, tmp_path: Path) -> None:
    bundle = build_tiny_bundle(tmp_path / "image only", modalities=("image",))
    imported(bundle, run_path)
    dataset = load_bundle(bundle)
    slate = slate_candidates(dataset, 0, Fusion())
    assert slate.columns is not None
    assert slate.text is not None
    catalogue = catalogue_candidates(dataset, {"words": text_vector("red mug")}, Fusion())
    assert (catalogue.text, catalogue.columns) == (None, None)
    assert catalogue.image is not None
    alone = build_tiny_bundle(tmp_path / "nothing", modalities=())
    imported(alone, run_path)
    with pytest.raises(InputError, match="rank judged products only"):
        catalogue_candidates(load_bundle(alone), {}, Fusion())
