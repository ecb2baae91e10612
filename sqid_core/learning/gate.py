"""A gate: attention over the signals, whose weights come from the query's vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..ranking.norms import z_score
from ..types import Array, Floats
from .protocol import Examples, Learner
from .slates import Slates
from .stored import checked

# Of the squared entries that read the vector, beside a mean loss a query: without evidence all queries have one weight.
_PENALTY = 1e-2
_MOST_STEPS = 200


def standard_scores(slates: Slates) -> Floats:
    """(P, M) each signal's scores in standard deviations within the slate, nan where it does not know the product."""
    found = [z_score(slates.padded(scores))[slates.mask] for scores in slates.scores.values()]
    return np.stack(found, axis=1) if found else np.zeros((len(slates.rows), 0))


def query_vectors(slates: Slates) -> Floats:
    """(Q, D) of all encoders whose signals are read, side by side."""
    read = dict.fromkeys(getattr(signal, "encoder", "") for signal in slates.signals.values())
    vectors = [slates.vectors[name] for name in read if name in slates.vectors]
    return np.concatenate(vectors, axis=1, dtype=np.float64) if vectors else np.zeros((len(slates.lengths), 0))


@dataclass(frozen=True, eq=False)
class GateModel:
    """A query's weights are the softmax of `matrix` (M, D) times its vector plus `bias` (M,); a product's score is the
    mean of its known scores in standard deviations by these weights, times a positive scale."""

    matrix: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    scale: Floats = field(repr=False)

    def scores(self, examples: Examples) -> Floats:
        """(P,)"""
        slates = examples.slates
        z, weights = standard_scores(slates), self.weights(slates)[slates.queries]
        known = np.isfinite(z)
        total = (weights * known).sum(axis=1)
        found = (weights * np.where(known, z, 0.0)).sum(axis=1)
        return np.asarray(self.scale[0] * found / np.where(total > 0, total, 1.0))

    def weights(self, slates: Slates) -> Floats:
        """(Q, M) of each signal for each query; a row adds up to 1."""
        # A sum a row, not a product of matrices: a query's weights do not depend on what else is asked.
        vectors = query_vectors(slates)
        logits = np.stack([(vectors * row).sum(axis=1) for row in self.matrix], axis=1) + self.bias
        above = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(above / above.sum(axis=1, keepdims=True))

    def arrays(self) -> dict[str, Array]:
        """For a file."""
        return {"matrix": self.matrix, "bias": self.bias, "scale": self.scale}

    def gain(self) -> Floats | None:
        """None: it has no splits."""
        return None


def fit(examples: Examples, gains: Floats, seed: int) -> GateModel:
    """Listwise, from equal weights for all queries, by L-BFGS."""
    import torch

    from .listwise import loss, padded_rows, reproducible, targets

    slates = examples.slates
    with reproducible(seed):
        z = torch.from_numpy(standard_scores(slates))
        known, z = torch.isfinite(z), torch.nan_to_num(z)
        vectors, queries = torch.from_numpy(query_vectors(slates)), torch.from_numpy(slates.queries)
        target, mask = torch.from_numpy(targets(slates, gains)), torch.from_numpy(slates.mask)
        places = torch.from_numpy(padded_rows(slates))
        count, dim = z.shape[1], vectors.shape[1]
        matrix, bias, log_scale = (
            torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in ((count, dim), (count,), (1,))
        )

        def objective() -> Any:
            weights = torch.softmax(vectors @ matrix.T + bias, dim=1)[queries] * known
            scores = (weights * z).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-12) * log_scale.exp()
            return loss(scores[places], target, mask) + _PENALTY * matrix.square().sum()

        minimised([matrix, bias, log_scale], objective)
    return GateModel(*(each.detach().numpy().copy() for each in (matrix, bias, log_scale.exp())))


def minimised(parameters: list[Any], objective: Any) -> None:
    """Changes the parameters until the objective is least."""
    import torch

    optimiser = torch.optim.LBFGS(
        parameters, max_iter=_MOST_STEPS, tolerance_grad=1e-7, tolerance_change=1e-10, line_search_fn="strong_wolfe"
    )

    def step() -> Any:
        optimiser.zero_grad()
        found = objective()
        found.backward()
        return found

    optimiser.step(step)


def load(arrays: Mapping[str, Array], _: int) -> GateModel:
    """Of a file's arrays. Raises BundleError."""
    bias = checked(arrays, "bias", (None,), np.float64)
    matrix = checked(arrays, "matrix", (len(bias), None), np.float64)
    return GateModel(matrix, bias, checked(arrays, "scale", (1,), np.float64))


GATE = Learner(
    "gate",
    "attention over the signals: how much each counts, read from the query's vector",
    fit,
    load,
    both_modalities=True,
    reads_features=False,
)
