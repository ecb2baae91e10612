"""Seconds a query of whatever ranks: the sum of what was measured of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..bundle.adapted_signal import AdaptedSignal
from ..bundle.costs import Cost
from ..bundle.learned_signal import LearnedSignal
from ..bundle.load import Dataset
from ..bundle.reranked import RerankedSignal
from ..bundle.signals import Signal
from ..errors import InputError
from ..ranking.mixes import MixedSignal, signal_named


def seconds_a_query(dataset: Dataset, names: Iterable[str], costs: Mapping[str, Cost]) -> float:
    """What some signals, or mixes, take together for a query, with all that they read; nan where a part was not
    measured, or is no more in the bundle. What several of them read counts once.

    costs: by place, see `read_costs`. Adding weighted scores up and sorting them is not counted.
    """
    try:
        places = {place for name in names for place in _places(dataset, signal_named(dataset, name))}
    except InputError:
        return float("nan")
    known = [costs[place].seconds for place in sorted(places) if place in costs]
    return sum(known) if places and len(known) == len(places) else float("nan")


def _places(dataset: Dataset, signal: Signal) -> set[str]:
    """Where in the bundle the parts of a signal lie that take time for a query."""
    if isinstance(signal, MixedSignal):
        return {place for part in signal.parts for place in _places(dataset, part)}
    reads: tuple[str, ...] = ()
    if isinstance(signal, LearnedSignal):
        reads = signal.origin.signals
    elif isinstance(signal, RerankedSignal):
        reads = signal.runs
    found = {place for name in reads for place in _places(dataset, signal_named(dataset, name))}
    encoder = dataset.manifest.signals[signal.name].encoder if signal.name in dataset.manifest.signals else ""
    if encoder:
        found.add(f"encoders/{encoder}")
    # Vectors of products are made once; a cosine a product is not counted.
    return found if encoder and not isinstance(signal, AdaptedSignal) else found | {f"signals/{signal.name}"}
