"""Encoding in overlapping steps: the same vectors as one step after the other, in bounded memory."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image
from places import ROOT
from tiny_models import write_random_clip

from precompute.work.bundle_pictures import read_picture
from precompute.work.pipeline import ahead, default_workers, in_turn, pipeline
from sqid_core.encoders import devices
from sqid_core.encoders.clip_models import split
from sqid_core.encoders.devices import chosen_device, out_of_memory_as_input_error
from sqid_core.encoders.families import open_encoder
from sqid_core.encoders.picture_steps import by_pillow
from sqid_core.errors import InputError


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return open_encoder("open_clip", str(write_random_clip(tmp_path_factory.mktemp("models") / "clip")))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Files of several sizes and modes."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    paths = []
    for i, (width, height, mode) in enumerate([(90, 40, "RGB"), (31, 77, "L"), (224, 224, "RGBA"), (33, 32, "P")] * 3):
        noise = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        paths.append(folder / f"{i}.png")
        Image.fromarray(noise).convert(mode).save(paths[-1])
    return paths


SIZES = [(90, 40), (31, 77), (64, 64), (65, 64), (64, 67), (200, 3), (129, 128), (500, 333), (63, 190), (1, 9)]


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "1", "RGBA", "I;16"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_by_pillow_alone_preprocessing_is_the_same_to_the_last_bit(mode, interpolation):
    from open_clip import image_transform

    whole = image_transform(64, is_train=False, interpolation=interpolation).transforms[:-2]
    (square,) = by_pillow(whole)
    rng = np.random.default_rng(0)
    for width, height in SIZES:
        image = Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)).convert("RGB")
        image = image.convert("L").convert("I").convert(mode) if mode == "I;16" else image.convert(mode)
        expected = image
        for step in whole:
            expected = step(expected)
        np.testing.assert_array_equal(np.asarray(square(image)), np.asarray(expected))


def test_a_process_that_prepares_pictures_loads_no_torch(encoder):
    from precompute.work.pipeline import FromFiles

    prepare = pickle.dumps(FromFiles(encoder.stages("image").prepare))
    program = (
        f"import pickle, sys; pickle.loads({prepare!r}); print('torch' in sys.modules, 'open_clip' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout == "False False\n", ran.stderr


@pytest.mark.parametrize("mode", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_split_preprocessing_is_open_clips_to_the_last_bit(mode, interpolation, pictures):
    from open_clip import image_transform

    whole = image_transform(64, is_train=False, resize_mode=mode, interpolation=interpolation)
    steps, normalise = split(whole)
    assert normalise is not None
    for path in pictures:
        image = read_picture(path)
        expected, pixels = whole(image), image
        for step in steps:
            pixels = step(pixels)
        batch = torch.from_numpy(np.array(pixels)[None]).permute(0, 3, 1, 2).contiguous().float().div(255)
        assert torch.equal(normalise(batch)[0], expected)


def test_other_preprocessing_is_left_whole():
    steps, normalise = split(str.upper)
    assert (steps, normalise) == ((str.upper,), None)


def test_vectors_are_those_of_the_models_own_preprocessing(encoder, pictures):
    images = [read_picture(path) for path in pictures]
    from open_clip import image_transform

    inputs = torch.stack([image_transform(32, is_train=False)(image) for image in images])
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(encoder._model.encode_image(inputs)).numpy()
    np.testing.assert_allclose(encoder.encode_images(images), expected, atol=1e-6)


@pytest.mark.parametrize(("workers", "processes"), [(2, False), (2, True), (3, True)])
def test_a_pipeline_changes_no_vector(workers, processes, encoder, pictures):
    batches = [pictures[start : start + 5] for start in range(0, len(pictures), 5)]
    expected = [encoder.encode_images([read_picture(path) for path in batch]) for batch in batches]
    with pipeline(encoder, workers, processes) as running:
        found = list(running.pictures(batches))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_makes_nearly_the_same_vectors(encoder, pictures, tmp_path):
    gpu = chosen_device("cuda")
    halves = open_encoder("open_clip", str(write_random_clip(tmp_path / "clip")), "", gpu.name, "", gpu.precision)
    with pipeline(halves, 2, processes=True) as running:
        found = np.concatenate(list(running.pictures([pictures[:8], pictures[8:]])))
    expected = encoder.encode_images([read_picture(path) for path in pictures])
    assert np.vecdot(found, expected).min() > 0.99


def test_texts_too(encoder):
    texts = [f"cup {i}" for i in range(9)]
    with pipeline(encoder, 2, processes=False) as running:
        found = np.concatenate(list(running.texts([texts[:4], texts[4:]])))
    np.testing.assert_allclose(found, encoder.encode_texts(texts), atol=1e-6)


def test_stages_may_travel_to_other_processes(encoder):
    for modality in ("text", "image"):
        pickle.loads(pickle.dumps(encoder.stages(modality).prepare))  # noqa: S301


@pytest.mark.parametrize("processes", [False, True])
def test_a_broken_picture_is_one_sentence(processes, encoder, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pipeline(encoder, 2, processes) as running, pytest.raises(InputError, match=r"broken.png is not a readable"):
        list(running.pictures([pictures[:2], [broken]]))


def test_no_more_batches_are_prepared_than_the_bound():
    prepared, most = [], 3
    lock = threading.Lock()

    def prepare(batch):
        with lock:
            prepared.append(batch)
        return batch

    with ThreadPoolExecutor(4) as pool:
        for taken, batch in enumerate(ahead(range(20), prepare, pool, most)):
            assert batch == taken
            assert len(prepared) <= taken + most
    assert len(prepared) == 20


def test_the_next_batch_is_started_before_one_is_waited_for(encoder):
    from dataclasses import replace

    log = []
    stages = replace(
        encoder.stages("text"),
        forward=lambda x: log.append(f"start {x}") or x,
        finish=lambda x: log.append(f"wait {x}") or np.zeros((1, 2), np.float32),
    )
    list(stages.run(range(3)))
    assert log == ["start 0", "start 1", "wait 0", "start 2", "wait 1", "wait 2"]


def test_the_cpu_is_never_taken_silently(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    found = chosen_device("auto")
    assert (found.name, found.precision, found.is_cpu) == ("cpu", "fp32", True)
    assert "the CPU" in found.text
    assert "CUDA" in found.text or "no GPU" in found.text
    assert chosen_device("cpu").text == "the CPU, fp32"
    with pytest.raises(InputError, match="cuda:9 cannot be used here"):
        chosen_device("cuda:9")


@pytest.mark.parametrize(("bf16", "precision"), [(True, "bf16"), (False, "fp16")])
def test_a_gpu_computes_in_halves(bf16, precision, monkeypatch):
    monkeypatch.setattr(devices, "_best", lambda: "cuda")
    monkeypatch.setattr(torch, "zeros", lambda *_, **__: torch.tensor([0.0]))
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bf16)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "H200")
    found = chosen_device("auto")
    assert (found.precision, found.text, found.is_cpu) == (precision, f"cuda (H200), {precision}", False)


def test_too_large_a_batch_is_one_sentence():
    with (
        pytest.raises(InputError, match="smaller --batch-size"),
        out_of_memory_as_input_error(chosen_device("cpu"), 64),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_on_the_cpu_pictures_are_prepared_when_the_model_asks_for_them():
    prepared = []

    def prepare(batch):
        prepared.extend(batch)
        return np.array(batch)

    with ThreadPoolExecutor(2) as pool:
        for taken, batch in enumerate(in_turn([list(range(i, i + 20)) for i in (0, 20, 40)], prepare, pool), start=1):
            assert len(prepared) == 20 * taken
            np.testing.assert_array_equal(batch, np.arange(20 * taken - 20, 20 * taken))


def test_workers_are_at_least_one(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert (default_workers(True), default_workers(False)) == (1, 2)
