"""A device of the CPU that counts as a GPU: worker processes read ahead for it, and the bytes are the CPU's."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path

from precompute.steps import encode as step
from precompute.work.progress import ProgressEvent
from sqid_core.encoders.devices import Device


@dataclass(frozen=True)
class StandIn(Device):
    is_cpu = False


GPU = StandIn("cpu", "fp32", "a stand-in for a GPU", 4)


def encode_until(bundle: Path, model: str, decoders: int, ended_by: int) -> None:
    """Encodes pictures beside the stand-in; says which processes there are and sends itself a signal, if not 0, once
    some are encoded."""

    def progress(event: ProgressEvent) -> None:
        if ended_by and 0 < event.done < event.total:
            print(*(child.pid for child in active_children()), flush=True)
            os.kill(os.getpid(), ended_by)

    step.chosen_device = lambda _: GPU
    chosen = step.Model("open_clip", model)
    step.encode(bundle, "clip_image", "image", chosen, batch_size=4, decoders=decoders, progress=progress)


if __name__ == "__main__":
    encode_until(Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:]))  # type: ignore[arg-type]
