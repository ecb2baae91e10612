"""A signal with vectors whose questions were turned towards the labels: a low-rank adapter on the query vectors.

The products' vectors are those of another signal of the bundle, which are not stored again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import msgspec
import numpy as np

from ..errors import BundleError
from ..types import Bools, Floats, Labels, Modality, Vectors
from ..wording import short
from .arrays import read_vectors
from .judgements import Judgements
from .query_folds import read_query_folds
from .signals import DenseSignal
from .stored import Stored

ADAPTED = "adapted"
# The fold of a query that no adapter was fitted on.
NO_FOLD = -1
# A question this near to a judged query's is that query: encoded again, it differs in the last digits.
_SAME = 0.9999
_SHORTEST = 1e-6
# More than training ever reaches: sums of products of such numbers stay finite.
_LARGEST = 1e6


@dataclass(frozen=True, eq=False)
class Adapter:
    """q' = unit(q + up · down · q). down: (R, D); up: (D, R); float32. All zero, it changes nothing."""

    down: Vectors = field(repr=False)
    up: Vectors = field(repr=False)

    def __call__(self, queries: Vectors) -> Vectors:
        """(n, D) unit rows of unit rows."""
        # A query at a time: a product of matrices gives one query other last digits alone than among others.
        return np.array([self._one(query) for query in queries], dtype=np.float32).reshape(queries.shape)

    def _one(self, query: Vectors) -> Vectors:
        if not self.up.any():
            return query
        turned = query + self.up @ (self.down @ query)
        length = float(np.linalg.norm(turned))
        return query if length < _SHORTEST else np.asarray(turned / np.float32(length))


@dataclass(frozen=True)
class AdaptedFrom:
    """Where an adapter comes from.

    trained_on: the split or the other bundle whose labels it learned from; "" for all queries of its own. queries: how
    many these were. rank: of the adapter. rounds: how long that for typed texts learned, 0 where learning did not help.
    seed: of the training. made_of: a hash of everything that decided the result.
    """

    trained_on: str = ""
    queries: int = 0
    rank: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
    rounds: int = 0
    seed: int = 0
    made_of: str = ""


@dataclass(frozen=True, eq=False)
class AdaptedSignal:
    """Vectors of another signal, asked by adapted query vectors.

    dense: the products' vectors with the adapted queries (Q, D), each by an adapter that was fitted without its fold.
    asked: (Q, D) the queries as the encoder makes them. folds: (Q,) from 0; NO_FOLD where no adapter saw the query.
    adapter: fitted on all queries that were learned from, for typed texts; of: whose vectors these are.
    """

    dense: DenseSignal
    asked: Vectors = field(repr=False)
    folds: Labels = field(repr=False)
    adapter: Adapter = field(repr=False)
    of: str
    origin: AdaptedFrom

    def __repr__(self) -> str:
        rank = len(self.adapter.down)
        return f"AdaptedSignal({short(self.name)}: {self.modality}, {short(self.of)} with an adapter of rank {rank})"

    @property
    def name(self) -> str:
        """Its name in the bundle."""
        return self.dense.name

    @property
    def modality(self) -> Modality:
        """What the vectors are of."""
        return self.dense.modality

    @property
    def encoder(self) -> str:
        """What makes the vector of a question, before the adapter."""
        return self.dense.encoder

    @property
    def encoders(self) -> tuple[str, ...]:
        """Its encoder."""
        return self.dense.encoders

    @property
    def is_run(self) -> bool:
        """No: a product without a vector has nothing to score."""
        return False

    @property
    def reads_labels(self) -> bool:
        """Whether labels of this very bundle made it: then a weight over its scores is in-sample."""
        return bool((self.folds != NO_FOLD).any())

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) cosine of every judged pair, out-of-fold; nan at padding and where the product is absent."""
        return self.dense.slate_scores(judgements)

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs it scores."""
        return self.dense.knows(judgements)

    def judged_as(self, before: Judgements, now: Judgements) -> AdaptedSignal:
        """Itself: the labels that it learned from stay those of before."""
        del before, now
        return self

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) cosine of one query's judged products, out-of-fold."""
        return self.dense.query_scores(judgements, query)

    def searched(self, vectors: Mapping[str, Vectors], text: str) -> Floats | None:
        """(N,) the cosine of every product. A picture is asked for as it is: the adapter learned from texts."""
        if self.encoder not in vectors:
            return None
        return self.dense.catalogue_scores(self.asked_by(vectors[self.encoder], text))

    def asked_by(self, vector: Vectors, text: str) -> Vectors:
        """(D,) what stands for a question's vector (D,), which is of a text or, where that is empty, of a picture."""
        return self.question(vector) if text.strip() else vector

    def question(self, vector: Vectors) -> Vectors:
        """(D,) what stands for a question's vector (D,). That of a judged query is its own, out-of-fold: no query is
        asked by an adapter that saw its labels."""
        near = np.vecdot(self.asked, vector)
        if len(near) and near.max() >= _SAME:
            return np.asarray(self.dense.queries[int(near.argmax())])
        return self.adapter(vector[None])[0]


def load_adapted(stored: Stored) -> AdaptedSignal:
    """The signal of a bundle. Raises BundleError with one sentence for whatever disagrees."""
    spec, manifest, about = stored.spec, stored.manifest, stored.about()
    where = f"signal {stored.name} of {stored.folder}"
    base = stored.others.get(spec.of)
    if not isinstance(base, DenseSignal) or (base.encoder, base.modality) != (spec.encoder, spec.modality):
        raise BundleError(
            f"{where} adapts the {spec.modality} signal {spec.of!r} by {spec.encoder}, which the bundle lacks; "
            f"{stored.again}"
        )
    if about.get("encoder") != manifest.encoders[spec.encoder].to_json():
        raise BundleError(f"{where} adapts the queries of another encoder; {stored.again}")
    if about.get("judgements") != manifest.files.get("judgements.parquet"):
        raise BundleError(f"{where} was fitted to other judgements; {stored.again}")
    try:
        origin = msgspec.convert(about, AdaptedFrom)
    except msgspec.ValidationError as error:
        raise BundleError(
            f"{stored.file('signal.json')} does not say what was fitted ({error}); {stored.again}"
        ) from None
    count, dim = base.queries.shape
    folds = stored.array("folds.npy", (count,), np.int8)
    shared = read_query_folds(stored.folder, manifest)
    expected = np.full(count, NO_FOLD) if shared is None else np.where(folds == NO_FOLD, NO_FOLD, shared)
    if not np.array_equal(folds, expected):
        raise BundleError(f"{where} was fitted on other folds of the queries; {stored.again}")
    adapter = Adapter(_matrix(stored, "down.npy", (origin.rank, dim)), _matrix(stored, "up.npy", (dim, origin.rank)))
    queries = read_vectors(stored.file("queries.npy"), count, dim)
    dense = replace(base, name=stored.name, queries=queries, slates=None)
    return AdaptedSignal(dense, base.queries, folds, adapter, base.name, origin)


def _matrix(stored: Stored, file: str, shape: tuple[int, int]) -> Vectors:
    found: Vectors = stored.array(file, shape, np.float32)
    if not (np.abs(found) <= _LARGEST).all():
        raise BundleError(f"{stored.file(file)} holds what is no number, or far too large; {stored.again}")
    return found


def adapted_made(signal: AdaptedSignal) -> str:
    """What it is, in a few words."""
    source = f"the labels of {signal.origin.trained_on}" if signal.origin.trained_on else "labels"
    if not signal.adapter.up.any():
        return f"{signal.of} unchanged: on queries left out, no adapter was better"
    return f"{signal.of}, its queries turned by an adapter of rank {signal.origin.rank} fitted to {source}"


def fine_tuned_coverage(signal: Any, judgements: Judgements) -> str:
    """Which judged pairs a fine-tuned signal, of either kind, scores, and how."""
    known = signal.knows(judgements)[judgements.mask]
    share = f"{known.mean():.1%}" if len(known) else "none"
    unseen = "each query out of its fold" if signal.reads_labels else "no query of which was learned from"
    return f"{signal.name} scores {share} of the judged pairs, {unseen}"
