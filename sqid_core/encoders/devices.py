"""Which device a model runs on and in what precision, said aloud: the CPU is never taken silently."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from textwrap import shorten

from ..errors import InputError
from .spec import Precision

# Some of torch's own messages are a page long.
_REASON = 240


@dataclass(frozen=True)
class Device:
    """name: as torch says it. text: for a person. batch: how many items it takes at a time unless told otherwise."""

    name: str
    precision: Precision
    text: str
    batch: int

    @property
    def is_cpu(self) -> bool:
        """Whether the model shares the cores with the decoding of pictures."""
        return self.name.startswith("cpu")


CPU = Device("cpu", "fp32", "the CPU, fp32", 64)


def chosen_device(wanted: str) -> Device:
    """The best device of this machine for "auto"; any other is taken at its word, never replaced by the CPU.

    Half precision (bf16 where the GPU has it, else fp16) on CUDA, float32 elsewhere. Raises InputError where the device
    cannot be used.
    """
    import torch

    name = _best() if wanted == "auto" else wanted
    try:
        torch.zeros(1, device=name).tolist()
    except (RuntimeError, AssertionError, ImportError) as error:
        reason = shorten(str(error).partition("\n")[0], _REASON, placeholder=" ...")
        raise InputError(f"the device {name} cannot be used here ({reason}); choose another device") from None
    if not name.startswith("cuda"):
        return replace(CPU, name=name, text=_without_cuda(name, wanted))
    precision: Precision = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return Device(name, precision, f"{name} ({torch.cuda.get_device_name(name)}), {precision}", 128)


def _best() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def _without_cuda(name: str, wanted: str) -> str:
    import torch

    if not name.startswith("cpu"):
        return f"{name}, fp32"
    if wanted != "auto":
        return CPU.text
    reason = "this torch is built without CUDA" if torch.version.cuda is None else "no GPU that torch can use was found"
    return f"the CPU, fp32: {reason}"


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether a device had no memory left for what a model needs."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


@contextmanager
def out_of_memory_as_input_error(device: Device, batch: int) -> Iterator[None]:
    """A device that is too small for a batch is one sentence."""
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise InputError(
            f"{device.text} ran out of memory with {batch} items at a time; run it again with a smaller --batch-size"
        ) from None
