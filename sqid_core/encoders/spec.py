"""What an encoder is and what it does, whatever library runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import msgspec
import numpy as np

from ..errors import EncoderError
from ..types import Array, Modality, Vectors

if TYPE_CHECKING:
    from PIL.Image import Image

Precision = Literal["fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class EncoderSpec:
    """What an encoder is: equal specs give equal vectors.

    name: its folder name in a bundle. family: a name in FAMILIES. model, pretrained: as the library names them; for a
    local folder or file `content_sha256` says which one, and no path is kept. dim: length of its vectors.
    preprocessing: what happens to a picture (or text) before the model sees it, so that foreign preprocessing is
    noticed.
    """

    name: str
    family: str
    model: str
    pretrained: str
    dim: Annotated[int, msgspec.Meta(ge=1)]
    preprocessing: str
    content_sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields, as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Stages:
    """Encoding in three steps, so that they can overlap.

    prepare: texts or pictures to what the model reads; off the device, may be pickled and run anywhere. forward: starts
    the model on it; a GPU may still be at work when it returns. finish: waits, and gives (n, D) float32 unit rows.
    batch: how many items to prepare at a time; None: as many as there are.
    """

    prepare: Callable[[Sequence[Any]], Any]
    forward: Callable[[Any], Any]
    finish: Callable[[Any], Vectors]
    batch: int | None

    def run(self, prepared: Iterable[Any]) -> Iterator[Vectors]:
        """The vectors of each prepared batch, in order; the next batch is started before one is waited for."""
        started: list[Any] = []
        for inputs in prepared:
            started.append(self.forward(inputs))
            if len(started) > 1:
                yield self.finish(started.pop(0))
        yield from map(self.finish, started)

    def encode(self, items: Sequence[Any], dim: int) -> Vectors:
        """(n, D) the vectors of all items, one step after the other."""
        size = self.batch or max(len(items), 1)
        batches = (items[start : start + size] for start in range(0, len(items), size))
        return np.concatenate([np.empty((0, dim), np.float32), *self.run(map(self.prepare, batches))])


class Encoder(Protocol):
    """Turns texts and pictures into the rows of one vector space."""

    batch_size: int  # texts or pictures that go through the model at a time

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        ...

    @property
    def device(self) -> str:
        """Where it runs, as torch names it: cpu, cuda, mps."""
        ...

    @property
    def precision(self) -> Precision:
        """What the model computes in. The vectors are float32."""
        ...

    def stages(self, modality: Modality) -> Stages:
        """The steps for texts or pictures. Raises EncoderError where the model does not read them."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's context. No texts give (0, D)."""
        ...

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """(n, D) float32 unit rows, in the space of the texts. Raises EncoderError where the model reads text only."""
        ...


def unit_rows(vectors: Array, spec: EncoderSpec) -> Vectors:
    """(n, D) float32 of length 1. Raises EncoderError for a row without a direction."""
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise EncoderError(
            f"encoder {spec.name} gave vectors without a direction (zero or not a number); use another model"
        )
    return np.asarray(vectors / norms, dtype=np.float32)
