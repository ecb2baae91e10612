"""The way from the page to a new book."""

from __future__ import annotations

from sqid_core.evaluation.run_specs import RunSpec, write_run
from sqid_core.types import Modality
from sqid_ui.analysis.breakdown.lift import Asked
from sqid_ui.judge.to_book import to_book
from sqid_ui.parts.walk import set_link


def judge_these(asked: Asked) -> None:
    """A book of the set that is looked at; without one, of where the one run loses and wins most against the other."""
    if asked.spec:
        to_book("Judge this set", "set", **set_link(asked.spec))
    elif asked.compare is not None:
        a, b = (write_run(_run(asked, name)) for name in asked.compare)
        to_book("Judge losses and wins", "losses", a=a, b=b)


def _run(asked: Asked, name: str) -> RunSpec:
    modality: Modality | None = "text" if name == "text" else "image" if name == "image" else None
    signal = None if modality is None else asked.dataset.signal(modality)
    return RunSpec(fusion=asked.fusion) if signal is None else RunSpec(signal=signal.name)
