"""What of a signal is there already, what another signal knows, and what is left for the model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from precompute.update.known import Known, known_products, laid_aside
from precompute.update.wanted import Wanted
from sqid_core.bundle.content import UNKNOWN, same, there, unknown
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.families import EncoderSpec
from sqid_core.types import Bools, Digests, Modality, Positions, Vectors

Found = tuple[Positions, Vectors, Positions]


@dataclass(frozen=True, eq=False)
class Plan:
    """content: (N, 16) what the signal will be made of. found: rows (n,) of it whose vectors are known, and where: an
    array and rows of that. todo: (t,) the rows that are left. kept: vectors that stay in their rows. changed,
    gone: those that do not, of products that have something else now, and nothing.
    """

    content: Digests = field(repr=False)
    found: Sequence[Found] = field(repr=False)
    todo: Positions = field(repr=False)
    kept: int
    changed: int
    gone: int

    def filled(self, dim: int) -> Vectors:
        """(N, D) the known vectors in their rows, zero elsewhere."""
        vectors = np.zeros((len(self.content), dim), dtype=np.float32)
        for rows, known, places in self.found:
            vectors[rows] = known[places]
        return vectors

    @property
    def identity(self) -> str:
        """Equal where the very same is left to do."""
        return hashlib.sha256(self.content[self.todo].tobytes()).hexdigest()[:16]

    def said(self, unit: str) -> str:
        """What becomes of the vectors, for people. unit: what has them, in the plural."""
        again = int(there(self.content).sum()) - self.kept - len(self.todo)
        parts = [f"{unit} to encode {len(self.todo):,}", f"with their vectors {self.kept:,}"]
        more = {"known from before": again, "changed": self.changed, "gone": self.gone}
        return ", ".join(parts + [f"{what} {count:,}" for what, count in more.items() if count])


def fresh_rows(signal: DenseSignal, wanted: Wanted) -> Bools:
    """(N,) whose vector is of what the product has now, as far as anybody knows."""
    content = content_of(signal, wanted)
    return signal.present & (same(content, wanted.content) | unknown(content))


@dataclass(frozen=True)
class Differences:
    """How many products lack a vector, have one of something else, and have one although they have nothing now."""

    lacking: int
    changed: int
    gone: int


def differences(signal: DenseSignal, wanted: Wanted) -> Differences:
    """What `encode` would mend in a signal."""
    fresh, has = fresh_rows(signal, wanted), there(wanted.content)
    other = signal.present & ~fresh
    lacking = has & ~signal.present
    return Differences(int(lacking.sum()), int((other & has).sum()), int((other & ~has).sum()))


def content_of(signal: DenseSignal, wanted: Wanted) -> Digests:
    """(N, 16) what a signal says it was made of. One that says nothing, as those of older bundles and of data sets that
    bring their vectors, is taken to be of what there is; a vector of a product that has nothing now is of who knows
    what."""
    if signal.content is not None:
        return signal.content
    adopted = np.where(signal.present[:, None], wanted.content, 0).astype(np.uint8)
    adopted[signal.present & ~there(adopted)] = np.frombuffer(UNKNOWN, np.uint8)
    return adopted


def plan(
    dataset: Dataset, signal: str, spec: EncoderSpec, modality: Modality, wanted: Wanted, again: bool = False
) -> Plan:
    """What is to be done for a signal to be of `wanted`. again: everything, whatever is there."""
    stored = dataset.signals.get(signal)
    content, left = wanted.content.copy(), there(wanted.content)
    found: list[Found] = []
    kept = changed = gone = 0
    if isinstance(stored, DenseSignal) and not again:
        fresh = fresh_rows(stored, wanted)
        rows = np.flatnonzero(fresh)
        content[rows] = content_of(stored, wanted)[rows]
        found.append((rows, stored.products, rows))
        different = differences(stored, wanted)
        kept, changed, gone = len(rows), different.changed, different.gone
        left = left & ~fresh
    if not again:
        sources = known_products(dataset, spec.name, modality) if spec.name in dataset.manifest.encoders else []
        for known in (*sources, *laid_aside(dataset.folder, spec, modality)):
            left = _taken(known, wanted, left, found)
    return Plan(content, found, np.flatnonzero(left), kept, changed, gone)


def _taken(known: Known, wanted: Wanted, left: Bools, found: list[Found]) -> Bools:
    """Adds to `found` what of `left` (N,) is known; what is left then."""
    rows = np.flatnonzero(left)
    places = known.rows_of(wanted.content[rows]) if len(rows) else np.empty(0, np.int64)
    hit = places >= 0
    if hit.any():
        found.append((rows[hit], known.vectors, places[hit]))
    rest = left.copy()
    rest[rows[hit]] = False
    return rest


def is_up_to_date(dataset: Dataset, signal: str, planned: Plan) -> bool:
    """Whether there is nothing to do: the signal is there, with a vector of each product that has something."""
    stored = dataset.signals.get(signal)
    if not isinstance(stored, DenseSignal) or len(planned.todo) or planned.changed or planned.gone:
        return False
    return bool((stored.present == there(planned.content)).all())
