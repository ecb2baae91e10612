"""One small transformer layer over three vectors: the query's, the product's text, the product's picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..bundle.signals import DenseSignal
from ..types import Array, Bools, Floats, Modality, Positions, Vectors
from .gate import query_vectors, standard_scores
from .protocol import Examples, Learner
from .slates import Slates
from .stored import checked

WIDTH, HEADS, INNER = 32, 4, 64
# Fixed beforehand, for all data sets.
_EPOCHS, _BATCH, _RATE, _DECAY = 10, 32, 1e-3, 1e-2


@dataclass(frozen=True, eq=False)
class _Tokens:
    """query: (Q, D). text, image: a signal each, None where it is not read. z: (P, M), 0 where unknown."""

    slates: Slates
    query: Floats
    products: tuple[DenseSignal | None, DenseSignal | None]
    z: Floats

    def of(self, pairs: Positions) -> tuple[Vectors, list[Vectors], Bools, Vectors]:
        """Of some pairs (p,): query (p, D), text and image (p, D'), which of the three are there (p, 3), z (p, M)."""
        rows, there, found = self.slates.rows[pairs], [np.ones(len(pairs), dtype=bool)], []
        for signal in self.products:
            if signal is None:
                found.append(np.zeros((len(pairs), 1), dtype=np.float32))
                there.append(np.zeros(len(pairs), dtype=bool))
            else:
                found.append(signal.products[rows])
                there.append(signal.present[rows])
        query = self.query[self.slates.queries[pairs]].astype(np.float32)
        return query, found, np.stack(there, axis=1), self.z[pairs].astype(np.float32)


def _tokens(slates: Slates) -> _Tokens:
    return _Tokens(
        slates,
        query_vectors(slates),
        (_dense(slates, "text"), _dense(slates, "image")),
        np.nan_to_num(standard_scores(slates)),
    )


def _dense(slates: Slates, modality: Modality) -> DenseSignal | None:
    dense = (each for each in slates.signals.values() if isinstance(each, DenseSignal))
    return next((each for each in dense if each.modality == modality), None)


def _network(dims: tuple[int, int, int], signals: int) -> Any:
    """Projections of the three vectors, one layer over them, a head on the query's token that starts at 0, and a weight
    for each signal's score that starts at 1: before training it ranks by the sum of the signals."""
    from torch import nn, ones

    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, dropout=0.0, batch_first=True, norm_first=True)
    network = nn.ModuleDict(
        {
            "query": nn.Linear(dims[0], WIDTH),
            "text": nn.Linear(dims[1], WIDTH),
            "image": nn.Linear(dims[2], WIDTH),
            "layer": layer,
            "head": nn.Linear(WIDTH, 1, bias=False),
            "signals": nn.Linear(signals, 1, bias=False),
        }
    )
    nn.init.zeros_(network["head"].weight)
    network["signals"].weight.data = ones(1, signals)
    return network


def _scored(network: Any, tokens: _Tokens, pairs: Positions) -> Any:
    """(p,) as a tensor."""
    import torch

    query, products, there, z = tokens.of(pairs)
    parts = [network["query"](torch.from_numpy(query))]
    parts += [network[name](torch.from_numpy(each)) for name, each in zip(("text", "image"), products, strict=True)]
    mixed = network["layer"](torch.stack(parts, dim=1), src_key_padding_mask=~torch.from_numpy(there))
    return (network["head"](mixed[:, 0]) + network["signals"](torch.from_numpy(z)))[:, 0]


@dataclass(frozen=True, eq=False)
class AttentionModel:
    """The network's weights, by name."""

    state: Mapping[str, Array] = field(repr=False)

    def scores(self, examples: Examples) -> Floats:
        """(P,), a slate at a time: they do not depend on what else is asked."""
        import torch

        from .listwise import reproducible

        tokens = _tokens(examples.slates)
        found = np.zeros(len(examples.slates.rows))
        with reproducible(0), torch.no_grad():
            network = self._network()
            ends = np.cumsum(examples.slates.lengths)
            for start, end in zip(ends - examples.slates.lengths, ends, strict=True):
                if end > start:
                    found[start:end] = _scored(network, tokens, np.arange(start, end)).numpy()
        return found

    def _network(self) -> Any:
        import torch

        dims = tuple(self.state[f"{name}.weight"].shape[1] for name in ("query", "text", "image"))
        network = _network((dims[0], dims[1], dims[2]), self.state["signals.weight"].shape[1])
        network.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in self.state.items()})
        return network

    def arrays(self) -> dict[str, Array]:
        """For a file."""
        return dict(self.state)

    def gain(self) -> Floats | None:
        """None: it has no splits."""
        return None


def fit(examples: Examples, gains: Floats, seed: int) -> AttentionModel:
    """Listwise, by AdamW, ten times over all queries."""
    import torch

    from .listwise import loss, padded_rows, reproducible, targets

    slates = examples.slates
    tokens, target, places = _tokens(slates), targets(slates, gains), padded_rows(slates)
    teaches = np.flatnonzero(target.sum(axis=1) > 0)
    dims = (tokens.query.shape[1], *(1 if each is None else each.products.shape[1] for each in tokens.products))
    with reproducible(seed):
        network = _network(dims, tokens.z.shape[1])
        optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
        rng = np.random.default_rng(seed)
        for _ in range(_EPOCHS):
            for queries in np.split(rng.permutation(teaches), range(_BATCH, len(teaches), _BATCH)):
                width = int(slates.lengths[queries].max())
                mask = slates.mask[queries, :width]
                scores = torch.zeros(mask.shape)
                scores[torch.from_numpy(mask)] = _scored(network, tokens, places[queries, :width][mask])
                optimiser.zero_grad()
                loss(
                    scores, torch.from_numpy(target[queries, :width].astype(np.float32)), torch.from_numpy(mask)
                ).backward()
                optimiser.step()
    return AttentionModel({name: value.numpy().copy() for name, value in network.state_dict().items()})


def load(arrays: Mapping[str, Array], _: int) -> AttentionModel:
    """Of a file's arrays. Raises BundleError."""
    dims = [
        checked(arrays, f"{name}.weight", (WIDTH, None), np.float32).shape[1] for name in ("query", "text", "image")
    ]
    signals = checked(arrays, "signals.weight", (1, None), np.float32).shape[1]
    expected = {name: tuple(value.shape) for name, value in _network((*dims,), signals).state_dict().items()}
    return AttentionModel({name: checked(arrays, name, shape, np.float32) for name, shape in expected.items()})


ATTENTION = Learner(
    "attention",
    "one small transformer layer over the vectors of query, text and picture",
    fit,
    load,
    both_modalities=True,
    reads_features=False,
)
