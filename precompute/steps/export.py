"""Writes a bundle in a format of others, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from precompute.steps.judged_by import judged_by, named_labels
from precompute.work.progress import Progress, quiet, tell
from precompute.write.exported import Taken, Written
from precompute.write.formats import FORMATS, Format
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.exports.heading import bundle_line, gains_line, labels_line
from sqid_core.judging.store import Store

READ_ME = "ABOUT.txt"


def export(
    bundle: Path,
    kind: str,
    out: Path,
    gains: str | None = None,
    labels: str = "",
    store: Store | None = None,
    progress: Progress = quiet,
) -> Written:
    """kind: of FORMATS. gains: the table that grades are of, the bundle's first if None. labels: the set that judges,
    see `named_labels`, with the store where the judges' acts are. Raises InputError; then nothing is left behind."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} is there already; give the name of a new folder, or empty it")
    dataset = load_bundle(bundle)
    if store is not None:
        dataset = judged_by(dataset, named_labels(dataset, labels, store), store).dataset
    table = gains or dataset.scale.default_gains
    dataset.scale.gains(table)  # refuses an unknown name before anything is written
    if not dataset.judgements.lengths.any() and kind not in ("parquet", "hub"):
        raise InputError(f"no query of {bundle} has judged products, and {kind} is about them; use the format parquet")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as room:
        folder = Path(room) / "whole"
        folder.mkdir(mode=0o755)
        written = FORMATS[kind].write(Taken(dataset, table), folder)
        _tell_about(dataset, table, FORMATS[kind], written, folder / READ_ME)
        if out.exists():
            out.rmdir()
        shutil.move(folder, out)
    for note in written.notes:
        tell(progress, "writing", note)
    return written


def _tell_about(dataset: Dataset, gains: str, kind: Format, written: Written, path: Path) -> None:
    """What the files are of, and the command that reads them back."""
    about = dataset.manifest.about
    told = {
        "bundle": bundle_line(dataset),
        "licence": about.get("licence", ""),
        "source": about.get("source", ""),
        "format": f"{kind.name}: {kind.about}",
        "labels": labels_line(dataset) + (f", by {dataset.label_set}" if dataset.label_set else ""),
        "gains": gains_line(dataset.scale, gains),
        "read back": f"python -m precompute own {written.again} --out DIR" if written.again else "",
    }
    lines = [f"{name}: {' '.join(text.split())}" for name, text in told.items() if text]
    path.write_text("\n".join([*lines, *(f"note: {note}" for note in written.notes)]) + "\n", encoding="utf-8")
