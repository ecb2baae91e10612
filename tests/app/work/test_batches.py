"""Batches: one call for all that wait, the same answers as alone, and nobody fails for another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from sqid_ui.work.batches import Batches


class Counted:
    """Squares of numbers; the first call waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun, self.go = Event(), Event()

    def __call__(self, numbers: list[int]) -> list[int]:
        self.calls.append(numbers)
        self.begun.set()
        self.go.wait(30)
        if -1 in numbers:
            raise ValueError("minus one")
        return [number * number for number in numbers]


def asked(counted: Counted, numbers: Sequence[int], most: int = 64) -> list[Any]:
    """What each gets who asks while the first is answered: the answer or the error."""
    batches: Batches[int, int] = Batches(counted, most)
    with ThreadPoolExecutor(len(numbers)) as pool:
        first = pool.submit(batches.of, numbers[0])
        assert counted.begun.wait(30)
        others = [pool.submit(batches.of, number) for number in numbers[1:]]
        while len(batches._waiting) < len(others):
            Event().wait(0.001)
        counted.go.set()
        return [each.exception(30) or each.result(30) for each in (first, *others)]


def test_those_that_wait_are_one_call() -> None:
    counted = Counted()
    assert asked(counted, range(9)) == [number * number for number in range(9)]
    assert [len(call) for call in counted.calls] == [1, 8]


def test_a_call_has_an_end() -> None:
    counted = Counted()
    assert asked(counted, range(9), most=3) == [number * number for number in range(9)]
    assert [len(call) for call in counted.calls] == [1, 3, 3, 2]


def test_nobody_fails_for_another() -> None:
    found = asked(Counted(), [1, 2, -1, 3])
    assert [found[0], found[1], found[3]] == [1, 4, 9]
    assert isinstance(found[2], ValueError)


def test_vectors_are_those_of_a_text_alone(tmp_path: Path) -> None:
    from tiny_models import write_random_clip

    from sqid_core.encoders.clip import OpenClipEncoder

    model = OpenClipEncoder.open("", "", write_random_clip(tmp_path / "clip"), "cpu")
    texts = ["red mug", "", "a very long text " * 40, "блюдо", "red mug", "x"]
    alone = [model.encode_texts([text])[0] for text in texts]
    batches: Batches[str, Any] = Batches(lambda some: model.encode_texts(some))
    with ThreadPoolExecutor(len(texts)) as pool:
        together = list(pool.map(batches.of, texts))
    for one, other in zip(alone, [*together, *model.encode_texts(texts)], strict=False):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
    np.testing.assert_allclose(np.array(alone), model.encode_texts(texts), rtol=0, atol=1e-6)
