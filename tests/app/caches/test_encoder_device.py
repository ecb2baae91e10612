"""Where the app's encoder runs: on the best device there is, on the CPU where that has no memory left for it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from fixtures import WordEncoder
from PIL import Image

from sqid_core.bundle.load import load_bundle
from sqid_core.encoders import devices, families
from sqid_core.encoders.devices import CPU
from sqid_core.errors import EncoderError
from sqid_ui.caches import encoders


@pytest.fixture
def shown(data_root: Any, word_encoder: WordEncoder) -> Any:
    return load_bundle(data_root / "tiny")


def test_it_is_asked_for_the_best_device_unless_the_server_names_one(shown: Any, monkeypatch: Any) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(encoders, "load_encoder", lambda spec, folder, *device: asked.append(device) or WordEncoder())
    encoders.encoder(shown, "words")
    monkeypatch.setenv("SQID_DEVICE", "cuda:1")
    st.cache_resource.clear()
    encoders.encoder(shown, "words")
    assert asked == [("auto",), ("cuda:1",)]


def test_a_gpu_without_memory_leaves_it_to_the_cpu(shown: Any, monkeypatch: Any, caplog: Any) -> None:
    asked: list[str] = []

    def load(spec: Any, folder: Any, device: str) -> WordEncoder:
        asked.append(device)
        if device != "cpu":
            raise EncoderError("could not be loaded") from torch.OutOfMemoryError("CUDA out of memory")
        return WordEncoder()

    monkeypatch.setattr(encoders, "load_encoder", load)
    with caplog.at_level(logging.WARNING):
        assert encoders.encoder(shown, "words").device == "cpu"
    assert asked == ["auto", "cpu"]
    assert "the GPU has no memory left for the encoder words: it runs on the CPU" in caplog.text


@pytest.mark.parametrize("what", ["text", "picture"])
def test_memory_that_runs_out_while_it_encodes_is_one_sentence(what: str, shown: Any, monkeypatch: Any) -> None:
    model = encoders.encoder(shown, "words")

    def full(some: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(model, "encode_texts" if what == "text" else "encode_images", full)
    with pytest.raises(EncoderError, match="cpu has no memory left for the encoder words; search again in a moment"):
        if what == "text":
            encoders.encoded_text(shown, "words", "mug")
        else:
            encoders.encoded_picture(shown, "words", Image.new("RGB", (8, 8)))


def test_pictures_of_several_visitors_are_one_call(shown: Any, monkeypatch: Any) -> None:
    loaded, sizes = encoders._held_to_its_vectors(shown, "words"), []
    monkeypatch.setattr(loaded.model, "encode_images", lambda some: sizes.append(len(some)) or np.zeros((len(some), 2)))
    pictures = [Image.new("RGB", (8, 8)) for _ in range(3)]
    # Two wait when the third one comes: as if another call had been at work.
    loaded.pictures._waiting += [(picture, _Answer()) for picture in pictures[:2]]
    encoders.encoded_picture(shown, "words", pictures[2])
    assert sizes == [3]


class _Answer:
    def set_result(self, found: Any) -> None: ...


def test_a_device_brings_its_precision_and_its_batch(monkeypatch: Any) -> None:
    opened: list[Any] = []

    def stand_in(spec: Any, folder: Any, device: str, precision: str) -> WordEncoder:
        opened.append((device, precision))
        return WordEncoder(spec=replace(spec))

    gpu = replace(CPU, name="cuda", precision="bf16", batch=128)
    monkeypatch.setattr(families, "_open", stand_in)
    monkeypatch.setattr(families, "chosen_device", lambda wanted: gpu)
    spec = WordEncoder().spec
    assert families.load_encoder(spec, None, "auto").batch_size == 128
    assert families.load_encoder(spec, None).batch_size == CPU.batch
    families.load_encoder(spec, None, "cuda", "fp32")
    assert opened == [("cuda", "bf16"), ("cpu", "fp32"), ("cuda", "fp32")]


def test_a_device_that_is_none_is_one_sentence() -> None:
    with pytest.raises(EncoderError, match="the device cuda:9 cannot be used here"):
        families.load_encoder(WordEncoder().spec, None, "cuda:9")
    assert not devices.is_out_of_memory(None)
