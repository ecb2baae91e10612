"""What a learner is, and what it learns from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from ..types import Array, Floats, Positions
from .features import Features
from .slates import Slates


@dataclass(frozen=True, eq=False)
class Examples:
    """Slates with the features of their pairs."""

    slates: Slates = field(repr=False)
    features: Features = field(repr=False)

    def take(self, queries: Positions) -> Examples:
        """Those of some queries (row numbers, ascending)."""
        pairs = np.isin(self.slates.queries, queries)
        features = replace(self.features, values=self.features.values[pairs])
        return Examples(self.slates.take(queries), features)


class Model(Protocol):
    """What was learned: it scores any pair with the same features."""

    def scores(self, examples: Examples) -> Floats:
        """(P,) the higher, the better; within a slate alone are they to be compared."""
        ...

    def arrays(self) -> dict[str, Array]:
        """All that it consists of, for a file; `Learner.load` takes it."""
        ...

    def gain(self) -> Floats | None:
        """(F,) what each feature took off the loss; None where the model has no such number."""
        ...


@dataclass(frozen=True)
class Learner:
    """A way to learn a ranking. name: on the command line; about: for people.

    fit: from examples, the gain of each pair (P,) and a seed; equal inputs give an equal model. load: of a model's
    arrays and the number of features, BundleError where they are none. presence_only: whether it may read nothing but
    which parts a product has. both_modalities: whether it needs vectors of texts and of pictures. reads_features:
    whether it reads features at all, and not vectors and scores alone. needs: the extra and the library that it trains
    with.
    """

    name: str
    about: str
    fit: Callable[[Examples, Floats, int], Model]
    load: Callable[[Mapping[str, Array], int], Model]
    presence_only: bool = False
    both_modalities: bool = False
    reads_features: bool = True
    needs: tuple[str, str] | None = None
