"""Import a ranking that another system made (a TREC run file) as a signal, to be fused and compared like any other.

A line is: query_id Q0 product_id rank score name. The score decides, higher is better; the rank is not read. Scores of
judged pairs are kept; a catalogue product that was not judged for the query is left out and counted, and a judged
product that the run does not rank comes last. Blanks in ids are written %20, as --run-dir of `evaluate` does.
Such a signal ranks judged products only: it cannot search the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, MODALITY, bundle_argument, verb
from precompute.steps.run_file import import_run
from sqid_core.types import Modality


@verb(
    "run-file",
    __doc__,
    "python -m precompute run-file data/esci --signal cross_encoder --modality text --run cross_encoder.run",
)
@bundle_argument
@click.option("--signal", required=True, metavar="NAME", help="the new signal's name, such as cross_encoder")
@click.option("--modality", required=True, type=MODALITY, help="what the system read")
@click.option("--run", "run_file", required=True, type=FILE, metavar="F", help="the run file")
def command(bundle: Path, signal: str, modality: Modality, run_file: Path) -> None:
    """Adds the signal."""
    if import_run(bundle, run_file, signal, modality, Terminal()).written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {signal}")
