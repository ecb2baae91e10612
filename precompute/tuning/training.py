"""The training loop of all families: AdamW over drawn slates, with checkpoints from which it goes on as if nothing had
been."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from precompute.tuning.taught import Batch, Taught, batches, epoch_steps
from precompute.work.kept import write_safely
from sqid_core.errors import BundleError
from sqid_core.types import Floats, Modality, Positions

# Batches between two checkpoints within an epoch: some minutes of a GPU's work.
_BETWEEN = 500
_WARM_UP = 0.1
_LONGEST_STEP = 1.0
_DONE = "done"


@dataclass(frozen=True)
class Tuning:
    """How a model is fine-tuned. epochs: how often all queries are read. rate: AdamW's, at its highest. batch: slates
    at a time. longest: products of a slate at a time, drawn anew each epoch. threads: of the processor."""

    epochs: int = 2
    rate: float = 2e-5
    batch: int = 8
    longest: int = 16
    threads: int = 1


class Tunable(Protocol):
    """A model that can be fine-tuned."""

    def weights(self) -> Mapping[str, Any]:
        """Its tensors that learn, by name."""
        ...

    def prepared(self, taught: Taught, drawn: Iterable[Batch]) -> Iterator[Any]:
        """What `loss` takes, of each batch; read ahead where that takes long."""
        ...

    def loss(self, prepared: Any) -> Any:
        """What is to become less, as a tensor."""
        ...

    def scores(self, scored: Taught, queries: Positions) -> dict[Modality, Floats]:
        """(P,) by modality: what it says of the judged pairs of some queries, query by query; nan where a product has
        nothing to read."""
        ...

    def save(self, folder: Path) -> None:
        """Its files, as those open it who encode or re-rank with it. Raises EncoderError where nobody could."""
        ...


def train(
    model: Tunable,
    taught: Taught,
    queries: Positions,
    tuning: Tuning,
    seed: Sequence[int],
    checkpoint: Path,
    step_done: Callable[[int], None],
) -> None:
    """Fine-tunes the model on some queries. checkpoint: the file that an interrupted run goes on from; in the end it
    holds the trained weights. step_done: told of batches, also of those that were done before."""
    import torch

    weights = dict(sorted(model.weights().items()))
    optimizer = torch.optim.AdamW(weights.values(), lr=tuning.rate, weight_decay=0.01)
    total, done = tuning.epochs * epoch_steps(len(queries), tuning.batch), _restored(checkpoint, weights, optimizer)
    step_done(done)
    drawn = batches(taught, queries, tuning.batch, tuning.longest, tuning.epochs, seed, done)
    for ready in model.prepared(taught, drawn):
        torch.manual_seed(int(np.random.default_rng([*seed, done, 1]).integers(2**31)))  # of dropout
        for group in optimizer.param_groups:
            group["lr"] = tuning.rate * _rate_share(done, total)
        optimizer.zero_grad()
        model.loss(ready).backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), _LONGEST_STEP)
        optimizer.step()
        done += 1
        step_done(1)
        if not done % epoch_steps(len(queries), tuning.batch) or not done % _BETWEEN:
            _save(checkpoint, weights, optimizer, done)


def _rate_share(step: int, total: int) -> float:
    """Linear warm-up over a tenth of the steps, then linearly down to 0."""
    warm = max(1, math.ceil(_WARM_UP * total))
    return (step + 1) / warm if step < warm else (total - step) / max(1, total - warm + 1)


def _save(path: Path, weights: Mapping[str, Any], optimizer: Any, done: int) -> None:
    import torch
    from safetensors.torch import save

    tensors = {_DONE: torch.tensor([done])}
    for name, weight in weights.items():
        tensors[f"weight.{name}"] = weight.detach()
        tensors |= {f"{kind}.{name}": value for kind, value in optimizer.state.get(weight, {}).items()}
    write_safely(path, save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}))


def _restored(path: Path, weights: Mapping[str, Any], optimizer: Any) -> int:
    """How many batches a checkpoint had done; the weights and the optimizer are as they were then. 0 without one."""
    import torch
    from safetensors.torch import load_file

    if not path.exists():
        return 0
    tensors = load_file(path)
    state: dict[int, dict[str, Any]] = {}
    with torch.no_grad():
        for place, (name, weight) in enumerate(weights.items()):
            if f"weight.{name}" not in tensors:
                raise BundleError(f"{path} is no checkpoint of this model; take its folder away and start again")
            weight.copy_(tensors[f"weight.{name}"])
            kinds = ("step", "exp_avg", "exp_avg_sq")
            if found := {kind: tensors[f"{kind}.{name}"] for kind in kinds if f"{kind}.{name}" in tensors}:
                state[place] = found
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(tensors[_DONE][0])
