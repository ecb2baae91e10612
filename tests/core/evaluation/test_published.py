"""Which published lines a bundle can be held to."""

from __future__ import annotations

from dataclasses import replace

from noise import noise_dataset

from sqid_core.bundle.manifest import Manifest, SignalSpec
from sqid_core.encoders.spec import EncoderSpec
from sqid_core.evaluation.published import (
    CLIP_IMAGE,
    CLIP_TEXT,
    COUNTS,
    MAIN,
    SBERT_TEXT,
    WEIGHTED,
    comparable,
    is_full_sqid,
)


def manifest(*signals: str, model: str = "") -> Manifest:
    encoders = {"e": EncoderSpec("e", "open_clip", model, "", 8, "none")} if model else {}
    modality = {CLIP_IMAGE: "image"}
    specs = {name: SignalSpec(modality.get(name, "text"), "e" if model else "") for name in signals}  # type: ignore[arg-type]
    return replace(noise_dataset(1).manifest, signals=specs, encoders=encoders)


def titles(found: Manifest, *fused: str) -> list[str]:
    return [line.method for line in comparable(found, fused)]


def test_a_line_counts_where_its_signals_are_there() -> None:
    assert titles(manifest("mine")) == ["random"]
    assert titles(manifest(SBERT_TEXT, "mine"), "mine", CLIP_IMAGE) == ["random", SBERT_TEXT]
    weights = [f"{each:g}" for each in (0.9, 0.75, 0.5, 0.25, 0.1)]
    mixed = [f"{method} {weight}" for method in ("weighted", "weighted ranks") for weight in weights]
    assert titles(manifest(CLIP_TEXT, CLIP_IMAGE), CLIP_TEXT, CLIP_IMAGE) == [
        *("random", CLIP_TEXT, CLIP_IMAGE, "weighted best", *mixed)
    ]
    # Of two that are not fused there are their own lines alone; one that is fused must be there.
    assert titles(manifest(CLIP_TEXT, CLIP_IMAGE)) == ["random", CLIP_TEXT, CLIP_IMAGE]
    assert titles(manifest(CLIP_TEXT), CLIP_TEXT, CLIP_IMAGE) == ["random", CLIP_TEXT]


def test_another_model_behind_the_name_has_other_figures() -> None:
    theirs = manifest(CLIP_TEXT, model="somebody/ViT-L-14-quickgelu")
    assert titles(theirs) == ["random", CLIP_TEXT]
    assert titles(manifest(CLIP_TEXT, model="ViT-B-32")) == ["random"]
    assert titles(manifest("esci_baseline", model="ViT-B-32")) == ["random", "esci_baseline"]


def test_the_whole_set_is_known_by_its_counts_and_gains() -> None:
    found = replace(manifest(), counts=COUNTS)
    assert is_full_sqid(found)
    assert not is_full_sqid(replace(found, counts={**COUNTS, "queries": 8_955}))
    scale = replace(found.label_scale, gain_tables=tuple(t for t in found.label_scale.gain_tables if t[0] != "paper"))
    assert not is_full_sqid(replace(found, label_scale=scale))


def test_a_figure_is_shown_with_its_remark() -> None:
    best = MAIN[4]
    assert [best.shown(source) for source in ("paper", "re-run 1", "re-run 2")] == [
        *("0.8300 (about)", "0.8296 (best of five)", "–")
    ]
    assert MAIN[1].shown("paper") == "0.8107"
    assert MAIN[1].by_source() == {"paper": 0.8107, "re-run 1": 0.8106}
    assert WEIGHTED[0].by_source() == {"re-run 1": 0.8296}
