"""Our figures beside the published ones, where a bundle is the whole of SQID's test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqid_core.bundle.manifest import Manifest
from sqid_core.errors import CheckError
from sqid_core.evaluation import published
from sqid_core.evaluation.published import Published
from sqid_core.wording import counted


@dataclass(frozen=True)
class Compared:
    """A published line and our NDCG (nan where undefined)."""

    line: Published
    ours: float

    @property
    def difference(self) -> float:
        """How far the farthest published figure is from ours."""
        return max(abs(self.ours - figure) for figure in self.line.by_source().values())

    @property
    def agrees(self) -> bool:
        """Within the tolerance; an undefined figure of ours agrees with nothing."""
        return self.difference <= published.TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """The method's name, our figure, theirs by source, both weights where there is one, the difference."""
        weights = {}
        if self.line.image_weight is not None:
            weights = {"image_weight": self.line.image_weight, "text_weight": _text_weight(self.line)}
        return {
            "name": self.line.method,
            "signals": list(self.line.signals),
            **weights,
            "ndcg": self.ours,
            "published": self.line.by_source(),
            "difference": self.difference,
            "agrees": self.agrees,
        }


def compared(manifest: Manifest, gains: str, ours: Mapping[str, float], fused: tuple[str, ...]) -> list[Compared]:
    """Each published line that this bundle can be held to and that was evaluated; none for any other bundle.

    ours: NDCG by the method's name. fused: the signals that were fused.
    """
    if gains != published.GAINS or not published.is_full_sqid(manifest):
        return []
    lines = published.comparable(manifest, fused)
    return [Compared(line, ours[line.method]) for line in lines if line.method in ours]


def table(rows: Sequence[Compared]) -> str:
    """The figures side by side. The text weight is what the re-run's own table says."""
    head = f"{'published figures':<44}{'image':>6}{'text':>6}{'ours':>9}"
    head += "".join(f"{source:>10}" for source in published.SOURCES) + f"{'apart':>9}"
    lines = [head, f"{'':<44}{'weight':>6}{'':>6}"]
    for row in rows:
        weight, figures = row.line.image_weight, row.line.by_source()
        weights = ("", "") if weight is None else (f"{weight:.2f}", f"{_text_weight(row.line):.2f}")
        shown = [f"{figures[source]:.4f}" if source in figures else "-" for source in published.SOURCES]
        cells = f"{row.line.title:<44}{weights[0]:>6}{weights[1]:>6}{row.ours:>9.4f}"
        cells += "".join(f"{figure:>10}" for figure in shown) + f"{row.difference:>9.4f}"
        lines.append(cells + ("" if row.agrees else "  TOO FAR"))
    return "\n".join(line.rstrip() for line in lines)


def check(rows: Sequence[Compared]) -> None:
    """Raises CheckError where a published figure and ours are farther apart than the tolerance."""
    wrong = [f"{row.line.title} by {row.difference:.4f}" for row in rows if not row.agrees]
    if wrong:
        raise CheckError(
            f"{len(wrong)} of {counted(len(rows), 'figure differs', 'figures differ')} from a published one by "
            f"more than {published.TOLERANCE:g}: "
            f"{', '.join(wrong)}; check the vectors' source, then run python -m precompute verify"
        )


def _text_weight(line: Published) -> float:
    return round(1 - (line.image_weight or 0.0), 10)
