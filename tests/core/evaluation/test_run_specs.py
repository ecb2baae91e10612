"""Runs as values: their text gives them back, nothing else is read, and what they rank is what the core ranks."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import ScoredSignal, text_image_cosines
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import dataset_curves, fusion_run, signal_run
from sqid_core.evaluation.run_of import run_of, spec_run
from sqid_core.evaluation.run_specs import (
    LONGEST_NAME,
    RunSpec,
    check_run,
    default_pair,
    read_run,
    read_signals,
    runs_of,
    signal_names,
    tidy_name,
    write_run,
)
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.ranking.fusion import Fusion, columns
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS

ODD_NAMES = ("bm25~v2", "text-fused", "fused", "a b/c", "größe", "w0.5", "%7E", "signal~x")


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    """Two signals with vectors, a run file of the text, and names that no verb would write."""
    loaded = load_bundle(tiny_bundle)
    scores = loaded.signals["words_text"].slate_scores(loaded.judgements)
    extra = {"bm25": ScoredSignal("bm25", "text", -scores)}
    extra |= {name: ScoredSignal(name, "image", scores) for name in ODD_NAMES}
    return replace(loaded, signals=dict(loaded.signals) | extra)


def names(modality: str) -> st.SearchStrategy[str]:
    return st.sampled_from({"text": ("", "words_text", "bm25"), "image": ("", "words_image", *ODD_NAMES)}[modality])


@st.composite
def specs(draw: st.DrawFn) -> RunSpec:
    name = tidy_name(draw(st.text(max_size=80)))
    if draw(st.booleans()):
        return RunSpec(signal=draw(st.sampled_from(("words_text", "words_image", "bm25", *ODD_NAMES))), name=name)
    method = draw(st.sampled_from(list(METHODS)))
    norm = draw(st.sampled_from([norm for norm in NORMS if method != "max" or norm != "none"]))
    weight = draw(st.one_of(st.integers(0, 100).map(lambda w: w / 100), st.floats(0, 1)))
    k = draw(st.sampled_from((60.0, 1.0, 0.5, 1e9)))
    averaged = method == "embedding average"
    text, image = ("", "") if averaged else (draw(names("text")), draw(names("image")))
    return RunSpec("", Fusion(method, weight, norm, draw(st.sampled_from(list(MISSING_IMAGE))), k), text, image, name)


@given(spec=specs())
def test_a_run_comes_back_from_its_text(dataset: Dataset, spec: RunSpec) -> None:
    assert read_run(write_run(spec), dataset) == spec
    assert hash(read_run(write_run(spec), dataset)) == hash(spec)


@given(
    text=st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                ("signal", "fused", "words_text", "w0.5", "w0.6", "w.6", "rrf", "none", "k60", "", "text-x")
            ),
            max_size=5,
        ).map("~".join),
    )
)
def test_any_other_text_is_refused_with_a_sentence(dataset: Dataset, text: str) -> None:
    try:
        found = read_run(text, dataset)
    except InputError:
        return
    assert write_run(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "words_text",
        "signal~",
        "signal~nope",
        "signal~words_text~w0.5",
        "fused~",
        "fused~w0.5",
        "fused~w0.60",
        "fused~w.6",
        "fused~w1.5",
        "fused~wnan",
        "fused~k0",
        "fused~w0.6~rrf",
        "fused~rrf~rrf",
        "fused~max",
        "fused~none",
        "fused~missing-?",
        "fused~text-words_image",
        "fused~image-bm25",
        "fused~embedding-average~text-bm25",
        "Fused",
        " fused",
        "fused~~",
        "fused~~ name",
        "fused~~two\nlines",
        "signal~\ud800",
        "fused~w" + "9" * 5000,
    ],
)
def test_nonsense_is_refused(dataset: Dataset, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_run(text, dataset)
    assert len(str(caught.value)) < 600


def test_a_refusal_lists_what_is_there(tiny_bundle: Path) -> None:
    shown = load_bundle(tiny_bundle)
    with pytest.raises(InputError, match=r"no signal 'clip'; the bundle tiny has: signal~words_text, .*fused"):
        read_run("signal~clip", shown)
    with pytest.raises(InputError, match="no text signal 'clip'; it has: words_text"):
        read_run("fused~text-clip", shown)


def test_text_and_label_by_hand() -> None:
    cases = {
        "signal~clip_text": (RunSpec(signal="clip_text"), "clip_text"),
        "fused": (RunSpec(fusion=Fusion()), "Fused · weighted scores, image .50"),
        "fused~w0.6~z-score": (
            RunSpec(fusion=Fusion(image_weight=0.6, norm="z-score")),
            "Fused · weighted scores, image .60, z-score",
        ),
        "fused~rrf~w1~missing-text~k30~text-bm25~~New": (
            RunSpec(fusion=Fusion("rrf", 1, missing_image="text", rrf_k=30), text="bm25", name="New"),
            "Fused · bm25 + image · RRF, image 1.00, k 30, no picture: uses the text",
        ),
        "fused~w0.615": (RunSpec(fusion=Fusion(image_weight=0.615)), "Fused · weighted scores, image .615"),
    }
    for text, (spec, label) in cases.items():
        assert (write_run(spec), spec.label) == (text, label)
    named = RunSpec(signal="a", name="Old ranking")
    assert (named.title, named.label, named.unnamed) == ("Old ranking", "a", RunSpec(signal="a"))


def test_a_spec_checks_itself() -> None:
    for wrong in (
        {},
        {"signal": "a", "fusion": Fusion()},
        {"signal": "a", "text": "b"},
        {"signal": "a", "name": " x"},
        {"signal": "a", "name": "x" * (LONGEST_NAME + 1)},
        {"signal": "a", "name": "\x00"},
    ):
        with pytest.raises(ValueError, match=r"run|fusion"):
            RunSpec(**wrong)  # type: ignore[arg-type]


@given(st.text())
def test_any_text_becomes_a_name(text: str) -> None:
    assert RunSpec(signal="a", name=tidy_name(text)).name == tidy_name(tidy_name(text))


def test_runs_are_the_cores(dataset: Dataset) -> None:
    alone = run_of(dataset, RunSpec(signal="bm25", name="Old"))
    np.testing.assert_array_equal(alone.order, signal_run(dataset, "bm25").order)
    assert alone.name == "Old"
    fusion = Fusion("rrf", 0.3)
    fused = run_of(dataset, RunSpec(fusion=fusion, text="bm25", image="a b/c"))
    np.testing.assert_array_equal(fused.order, fusion_run(dataset.preferring("bm25", "a b/c"), fusion).order)
    assert (fused.order != run_of(dataset, RunSpec(fusion=fusion)).order).any()
    with pytest.raises(InputError, match="no signal 'x'"):
        run_of(dataset, RunSpec(signal="x"))


@pytest.mark.parametrize("method", METHODS)
def test_kept_scores_give_the_same_runs_curves_and_columns(dataset: Dataset, method: str) -> None:
    """To the last bit, for the cosines of text and picture too."""
    spec = RunSpec(fusion=Fusion(method, 0.4, "z-score"))
    assert spec.fusion is not None
    judgements = dataset.judgements
    kept = slate_scores(judgements, *dataset.both_signals, own=True)
    np.testing.assert_array_equal(spec_run(spec, kept, judgements).order, run_of(dataset, spec).order)
    found, again = (dataset_curves(dataset, spec.fusion, None, scores) for scores in (None, kept))
    np.testing.assert_array_equal(found.values, again.values)
    np.testing.assert_array_equal(found.starts, again.starts)
    text_image = text_image_cosines(*dataset.both_signals, judgements.rows)
    by_hand = columns(spec.fusion, *kept.both, judgements.mask, text_image)
    for name in ("a", "b", "c"):
        np.testing.assert_array_equal(
            getattr(kept.columns(spec.fusion, judgements.mask), name), getattr(by_hand, name), strict=True
        )


def test_what_cannot_be_averaged_has_no_cosines(dataset: Dataset) -> None:
    spec = RunSpec(fusion=Fusion("embedding average", 0.4))
    mixed = dataset.signals["bm25"], dataset.signals["words_image"]
    with pytest.raises(InputError, match="one encoder"):
        slate_scores(dataset.judgements, *mixed, own=True)
    with pytest.raises(ValueError, match="text_image"):
        spec_run(spec, slate_scores(dataset.judgements, *mixed), dataset.judgements)
    with pytest.raises(ValueError, match="text and an image"):
        spec_run(spec, SlateScores(), dataset.judgements)


def test_a_run_names_the_signals_that_it_reads(dataset: Dataset) -> None:
    spec = RunSpec(fusion=Fusion("embedding average", 0.4))
    assert read_signals(dataset, spec) == ("words_text", "words_image")
    assert read_signals(dataset, RunSpec(signal="bm25")) == ("bm25", None)
    assert read_signals(dataset, RunSpec(signal="words_image")) == (None, "words_image")
    assert signal_names(dataset, spec) == ("words_text", "words_image")
    assert signal_names(dataset, RunSpec(signal="bm25")) == ("bm25",)


def test_the_default_pair_is_text_against_fused(tiny_bundle: Path, tmp_path: Path) -> None:
    both = load_bundle(tiny_bundle)
    assert default_pair(both) == (RunSpec(signal="words_text"), RunSpec(fusion=Fusion()))
    one = load_bundle(build_tiny_bundle(tmp_path / "one", modalities=("image",)))
    assert default_pair(one) is None
    assert runs_of(one) == (RunSpec(signal="words_image"),)
    with pytest.raises(InputError, match="no text signal to fuse; it has: none"):
        check_run(one, RunSpec(fusion=Fusion()))
    two = replace(
        one, signals=dict(one.signals) | {"old": ScoredSignal("old", "image", np.zeros(one.judgements.rows.shape))}
    )
    assert default_pair(two) == (RunSpec(signal="words_image"), RunSpec(signal="old"))


# --- names that could be taken for something else ---

OLD_TEXTS = {
    "fused": Fusion(),
    "fused~w0.6~z-score": Fusion(image_weight=0.6, norm="z-score"),
    "fused~rrf~w0.6~missing-worst~k30": Fusion("rrf", 0.6, missing_image="worst", rrf_k=30),
    "fused~max~w1~min-max~missing-text": Fusion("max", 1.0, "min-max", "text"),
    "fused~weighted-ranks~w0": Fusion("weighted ranks", 0.0),
    "fused~embedding-average": Fusion("embedding average"),
}
CONFUSING = (
    "w5", "k30", "missing-worst", "text-bm25", "image-x", "method-rrf", "norm-none", "rrf", "weighted-ranks", "min-max",
    "max", "none", "signal", "fused", "w~k", "two words", "~~", "größe", "%7E", "",
)  # fmt: skip


@pytest.mark.parametrize("name", CONFUSING)
def test_no_name_is_taken_for_something_else(name: str, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    if name not in METHODS:
        monkeypatch.setitem(METHODS, name, replace(METHODS["weighted scores"], name=name, bare=False))
    if name not in NORMS:
        monkeypatch.setitem(NORMS, name, replace(NORMS["z-score"], name=name, bare=False))
    if name not in MISSING_IMAGE:
        monkeypatch.setitem(MISSING_IMAGE, name, replace(MISSING_IMAGE["zero"], name=name))
    for method, norm, missing in itertools.product({name, "rrf"}, {name, "z-score"}, {name, "zero"}):
        if norm not in METHODS[method].norms:
            continue
        spec = RunSpec(fusion=Fusion(method, 0.6, norm, missing, 30), image="w0.5", name="mine")
        assert read_run(write_run(spec), dataset) == spec
    for text, fusion in OLD_TEXTS.items():
        spec = RunSpec(fusion=fusion)
        assert (write_run(spec), read_run(text, dataset)) == (text, spec)
