"""The Compare page's settings and its link: one frozen value, read from an address and written back to it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import RunSpec, default_pair, read_run, write_run
from sqid_core.ranking.fusion import Fusion
from sqid_ui.search.state import HIGHEST_RRF_K

LOSSES, WINS = "losses", "wins"
QUEUES = (LOSSES, WINS)
RUNS = ("a", "b")


@dataclass(frozen=True)
class CompareSettings:
    """Everything the Compare page shows follows from these and the bundle.

    queue: which differences are walked through. query_id: the query shown, "" for the first of the queue.
    """

    a: RunSpec
    b: RunSpec
    gains: str
    queue: str = LOSSES
    query_id: str = ""

    def run(self, side: str) -> RunSpec:
        """Run `a` or `b`."""
        return self.a if side == "a" else self.b


@dataclass(frozen=True, eq=False)
class Known:
    """What a link may name. query_ids: of the judged queries."""

    dataset: Dataset = field(repr=False)
    query_ids: frozenset[str] = field(repr=False)


def default_settings(dataset: Dataset) -> CompareSettings | None:
    """What a visit without any parameter sees; None where the bundle has not two runs."""
    pair = default_pair(dataset)
    return None if pair is None else CompareSettings(*pair, gains=dataset.scale.default_gains)


# --- one reader a parameter: its text in the link -> the value; InputError or ValueError where it is nonsense ---


def _run(text: str, known: Known) -> RunSpec:
    spec = read_run(text, known.dataset)
    # A run that the page's own controls could not show.
    if spec.fusion is not None and not (1 <= spec.fusion.rrf_k <= HIGHEST_RRF_K and spec.fusion.rrf_k % 1 == 0):
        raise InputError(f"the constant of reciprocal rank fusion is a whole number up to {HIGHEST_RRF_K} here")
    return spec


def _one_of(known: Container[str], text: str) -> str:
    if text not in known:
        raise ValueError(f"{text!r} is not on offer")
    return text


# Parameter name in the link -> (field, reader). The order is the link's.
PARAMETERS: dict[str, tuple[str, Callable[[str, Known], Any]]] = {
    "a": ("a", _run),
    "b": ("b", _run),
    "query": ("query_id", lambda text, known: _one_of(known.query_ids, text)),
    "queue": ("queue", lambda text, _: _one_of(QUEUES, text)),
    "gains": ("gains", lambda text, known: _one_of(known.dataset.scale.gain_names, text)),
}


def read_link(
    parameters: Mapping[str, str], known: Known, default: CompareSettings
) -> tuple[CompareSettings, tuple[str, ...]]:
    """The settings a link names, and the parameters that were nonsense and fell back to their default."""
    found: dict[str, Any] = {}
    rejected = []
    for name, (attribute, reader) in PARAMETERS.items():
        if name in parameters:
            try:
                found[attribute] = reader(parameters[name], known)
            except (InputError, ValueError):
                rejected.append(name)
    return replace(default, **found), tuple(rejected)


def write_link(settings: CompareSettings, default: CompareSettings) -> dict[str, str]:
    """The parameters that make `read_link` return these settings; what equals the default is left out."""
    values = {
        name: (getattr(settings, attribute), getattr(default, attribute)) for name, (attribute, _) in PARAMETERS.items()
    }
    return {
        name: write_run(value) if isinstance(value, RunSpec) else value
        for name, (value, usual) in values.items()
        if value != usual
    }


def search_link(settings: CompareSettings, query_id: str, default: CompareSettings) -> dict[str, str]:
    """The Search page's parameters for a query, with the fusion of B or, where that is a signal, of A.

    What is usual there too is left out, so that going back leads here and not to a longer address of the same.
    """
    spec = settings.b if settings.b.fusion is not None else settings.a
    fusion, usual = spec.fusion or Fusion(), Fusion()
    link = {"query": query_id}
    link |= {"gains": settings.gains} if settings.gains != default.gains else {}
    link |= {"w": f"{fusion.image_weight:.2f}"} if fusion.image_weight != usual.image_weight else {}
    link |= {"rrf_k": f"{fusion.rrf_k:g}"} if fusion.rrf_k != usual.rrf_k else {}
    names = {"method": "method", "norm": "norm", "missing": "missing_image"}
    link |= {name: getattr(fusion, at) for name, at in names.items() if getattr(fusion, at) != getattr(usual, at)}
    return link | {modality: name for modality, name in (("text", spec.text), ("image", spec.image)) if name}
