"""A report of a bundle as one HTML file, with a LaTeX table and a methods paragraph beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from precompute.steps.judged_by import judged_by, named_labels
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.files_on_disk import replace_text
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import read_run
from sqid_core.judging.store import Store
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.mixes import preferring
from sqid_core.reporting.gathering import gather, heading_of
from sqid_core.reporting.page import html_of, latex_table
from sqid_core.reporting.sentences import how_measured


@dataclass(frozen=True)
class WantedReport:
    """run: how text and image are fused, as a link has it, "" for the usual way. gains: the bundle's first if None.
    labels: whose. relevant: the last label that counts as relevant, the bundle's own if "". title: of the report, the
    bundle's if ""."""

    run: str = ""
    gains: str | None = None
    labels: str = ""
    relevant: str = ""
    title: str = ""


def report(
    bundle: Path, out: Path, wanted: WantedReport, store: Store | None = None, progress: Progress = quiet
) -> list[Path]:
    """Writes OUT.html, OUT.tex and OUT.txt, each whole or not at all; gives their paths. Raises InputError."""
    if out.suffix.lower() != ".html":
        raise InputError(f"{out} must end with .html; the table and the paragraph get the same name")
    dataset = load_bundle(bundle)
    if store is not None:
        dataset = judged_by(dataset, named_labels(dataset, wanted.labels, store), store).dataset
    dataset = dataset.as_relevant(wanted.relevant) if wanted.relevant else dataset
    fusion = None
    if wanted.run:
        spec = read_run(wanted.run, dataset)
        if spec.fusion is None:
            raise InputError(f"--run {wanted.run[:80]!r} is one signal; give a fusion, such as fused~w0.6~z-score")
        dataset = preferring(dataset, *filter(None, (spec.text, spec.image)))
        fusion = spec.fusion
    if dataset.can_fuse:
        fusion = fusion or Fusion()
    elif fusion is not None:
        raise InputError(f"{bundle} has no text and image signal to fuse; leave --run away")
    gains = wanted.gains or dataset.scale.default_gains
    heading = heading_of(dataset, fusion, gains, datetime.now(UTC).date().isoformat(), wanted.title)
    found = gather(dataset, fusion, gains, heading, lambda text: tell(progress, "reporting", text))
    paths = [out, out.with_suffix(".tex"), out.with_suffix(".txt")]
    for path, text in zip(paths, (html_of(found), latex_table(found), how_measured(found) + "\n"), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, text)
    return paths
