"""Where a check turns: the last value that is good and the first that is worth a look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from fixtures import WordEncoder
from noise import noise_dataset

from sqid_core.analysis import checks as checks_module
from sqid_core.analysis.checks import Check, cut_texts, encoder_check, quick_checks, vector_checks
from sqid_core.analysis.vector_health import VectorHealth
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.signals import DenseSignal, ScoredSignal
from sqid_core.encoders.clip import OpenClipEncoder, Tokens


def signal_of(vectors: list[list[float]], present: list[bool] | None = None) -> DenseSignal:
    products = np.array(vectors, np.float32)
    there = np.ones(len(products), bool) if present is None else np.array(present)
    return DenseSignal("s", "image", "e", products, there, products)


class LetterTokens:
    """A tokenizer as CLIP's: a number for the start, one a word, one for the end; 0 behind."""

    context_length = 5

    def __call__(self, texts: list[str], context_length: int = 5) -> np.ndarray:
        rows = [[1, *(len(word) for word in text.split()), 2][:context_length] for text in texts]
        return np.array([row + [0] * (context_length - len(row)) for row in rows])


def test_a_text_that_just_fits_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real model's tokens are counted in the tests of encoders."""
    encoder = object.__new__(OpenClipEncoder)
    monkeypatch.setattr(encoder, "_tokens", Tokens(LetterTokens()), raising=False)
    monkeypatch.setattr(OpenClipEncoder, "stages", lambda self, modality: SimpleNamespace(prepare=self._tokens))
    texts = ["a", "a b", " a  b c ", "a b c d", "a b c d e f g h"]
    assert cut_texts(encoder, texts).tolist() == [False, False, False, True, True]  # type: ignore[union-attr]
    assert cut_texts(encoder, []).tolist() == []  # type: ignore[union-attr]


def test_a_family_that_does_not_tell_is_not_asked() -> None:
    assert cut_texts(WordEncoder(), ["a"]) is None  # type: ignore[arg-type]


def checked(dataset: Dataset, name: str) -> Check:
    return next(check for check in quick_checks(dataset) if check.name == name)


def of_queries(count: int, weights: list[float] | None = None) -> Dataset:
    found = noise_dataset(count)
    counts = {**found.manifest.counts, "queries": count}
    queries = found.queries if weights is None else found.queries.assign(weight=weights)
    return replace(found, manifest=replace(found.manifest, counts=counts), queries=queries)


def test_thirty_queries_are_enough() -> None:
    assert [checked(of_queries(count), "Size").state for count in (29, 30)] == ["look", "good"]
    assert [checked(of_queries(n, [2.0] * n), "Traffic").state for n in (29, 30)] == ["look", "good"]
    assert (
        "30 judged queries have weights; a mean by traffic is worth that of 30.0 queries"
        in checked(of_queries(30, [2.0] * 30), "Traffic").text
    )
    assert not [check for check in quick_checks(of_queries(30)) if check.name == "Traffic"]
    # Of those that are judged: the first, which most people ask, is not.
    some = of_queries(30, [99.0, *[1.0] * 29])
    old, judged = some.judgements, np.arange(30)[:, None] > 0
    less = Judgements(old.query_ids, np.where(judged, old.rows, -1), np.where(judged, old.labels, -1))
    some = replace(some, judgements=less, signals={})
    assert "29 judged queries have weights; a mean by traffic is worth that of 29.0" in checked(some, "Traffic").text
    gone = Judgements(old.query_ids, np.where(judged, -1, -1), np.where(judged, -1, -1))
    scored = {"text": ScoredSignal("text", "text", np.full(gone.rows.shape, np.nan))}
    none = replace(some, judgements=gone, signals=scored)
    assert "0 judged queries have weights; a mean by traffic is worth that of 0.0" in checked(none, "Traffic").text
    assert checked(none, "Signal text").state == "good"
    assert checked(none, "Signal text").text.endswith("; 0.0% of judged pairs unscored.")


def test_an_encoder_is_asked_again_for_what_is_stored(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    found = encoder_check(dataset, "words", WordEncoder())  # type: ignore[arg-type]
    assert found.cosine == pytest.approx(1, abs=1e-6)
    assert (found.cut, found.looked_at) == (None, 60)
    assert encoder_check(noise_dataset(3), "words", WordEncoder()).cosine == 1.0  # type: ignore[arg-type]


def test_what_is_said_of_judgements() -> None:
    """Four of six: one whose products have no gain, one where all have the same, one unjudged and three as they are."""
    labels = np.array([[0, 3], [3, 3], [0, 0], [0, 1], [-1, -1], [1, -1]], dtype=np.int8)
    rows = np.where(labels >= 0, [[0, 1]] * 6, -1).astype(np.int32)
    dataset = of_queries(6)
    judgements = Judgements(dataset.judgements.query_ids, rows, labels)
    signals = {"text": ScoredSignal("text", "text", np.where(labels >= 0, 0.5, np.nan))}
    found = replace(dataset, judgements=judgements, signals=signals)
    assert checked(found, "Judgements") == Check(
        "Judgements",
        "look",
        "1.8 judged products a judged query; 1 judged query has no gain, so no NDCG; "
        "2 have one gain only, so every order scores 1; 1 query is not judged.",
    )
    assert checked(found, "Labels").text == "No pair has the label Complement."
    fine, nothing = (replace(found, judgements=judgements.take(slice(n, n + 1)), signals={}) for n in (0, 4))
    assert checked(fine, "Judgements") == Check("Judgements", "good", "2.0 judged products a judged query.")
    assert checked(nothing, "Judgements").text == "no judged queries; 1 query is not judged."


def with_pictures(shown: list[str | None]) -> Dataset:
    found = noise_dataset(4)
    return replace(found, products=found.products.head(len(shown)).assign(image=shown))


def test_one_picture_of_ten_may_be_missing_or_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing, state in ((1, "good"), (2, "look")):
        check = checked(with_pictures([None] * missing + ["x.webp"] * (10 - missing)), "Pictures")
        assert (check.state, check.text) == (state, f"{missing} of 10 products have no picture to show.")
    addresses = [f"https://m.example/{i}.jpg" for i in range(20)]
    for equal, said in ((2, False), (3, True)):
        shown = [addresses[0]] * equal + addresses[equal:]
        found = [check for check in quick_checks(with_pictures(shown)) if check.name == "Picture addresses"]
        assert bool(found) == said
    assert found[0].text == "3 products share their picture’s address, 0 show a shop’s default picture."


def test_what_became_of_the_pictures_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*statuses: str) -> Check:
        table = pd.DataFrame({"product_id": [f"p{i}" for i in range(len(statuses))], "status": statuses})
        monkeypatch.setattr(checks_module, "read_status_table", lambda path: table)
        dataset = with_pictures(["x.webp"] * 20)
        files = {**dataset.manifest.files, checks_module.STATUS_TABLE: None}
        return checked(replace(dataset, manifest=replace(dataset.manifest, files=files)), "Stored pictures")

    assert found("stored", "gone", "unreachable") == Check(
        "Stored pictures", "good", "0 default picture, 0 duplicate, 1 unreachable, 1 gone."
    )
    assert found("stored", "gone", "unreachable", "refused").state == "look"
    five = found(*["not an image"] * 5, "too large", "duplicate").text
    assert five.endswith("1 duplicate, 0 unreachable, 0 gone, 5 not an image (p0, p1, p2, p3, p4), 1 too large (p5).")
    assert "6 not an image (p0, p1, p2, p3, p4, …)" in found(*["not an image"] * 6).text


def test_one_pair_of_ten_may_be_unscored() -> None:
    dataset = noise_dataset(1)
    labels = np.zeros((1, 10), np.int8)
    judgements = Judgements(dataset.judgements.query_ids, np.arange(10, dtype=np.int32)[None], labels)
    for missing, state in ((1, "good"), (2, "look")):
        scores = np.where(np.arange(10) < missing, np.nan, 0.5)[None]
        signals = {"text": ScoredSignal("text", "text", scores)}
        check = checked(replace(dataset, judgements=judgements, signals=signals), "Signal text")
        assert check.state == state
        assert check.text.endswith(f"; {missing}0.0% of judged pairs unscored.")


def test_what_is_said_of_an_index() -> None:
    dataset = noise_dataset(4)

    def found(**measured: float) -> Check:
        specs = {
            "text": SignalSpec("text", "", index={"measured": measured}),
            "image": SignalSpec("image", ""),
        }
        return checked(replace(dataset, manifest=replace(dataset.manifest, signals=specs)), "Index of text")

    assert found(queries=8).text == "Its vectors changed since it was measured: run python -m precompute index."
    good, poor = found(**{"recall@10": 0.95, "queries": 1200}), found(**{"recall@10": 0.9499, "products": 400})
    assert (good.state, good.text) == ("good", "HNSW finds 95.0% of the exact first ten, on 1,200 queries.")
    assert (poor.state, poor.text) == ("look", "HNSW finds 95.0% of the exact first ten, on 400 products.")
    costing = found(**{"recall@10": 1.0, "ndcg loss@10": 0.00125, "queries": 3}).text
    assert costing == "HNSW finds 100.0% of the exact first ten, costing 0.0013 NDCG@10, on 3 queries."


def test_one_vector_of_ten_may_be_repeated() -> None:
    signal, group = signal_of([[1.0]]), np.arange(3)
    for repeated, state in ((2, "good"), (3, "look")):
        (check,) = vector_checks(signal, VectorHealth(20, 20, 0, repeated, (group,)))
        assert check.state == state
    assert check.text == "3 of 20 products share their vector with another; the largest group has 3."
    zero, none = vector_checks(signal, VectorHealth(1, 0, 1, 0, ()))
    assert zero.text == "1 product has a vector without length."
    assert (none.state, none.text) == ("good", "0 of 0 products share their vector with another.")
