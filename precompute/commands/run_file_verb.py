"""Import a ranking that another system made as a signal, to be fused and compared like any other.

A TREC run has the lines: query_id Q0 product_id rank score name. Q0, the rank or the score, and the name may be left
out (3 to 6 columns), # begins a comment. Also read: ranx's JSON and Parquet, tables with named columns, ESCI's own
hypothesis.results and ranking CSV, and what OpenSearch or Elasticsearch answered, by query; packed or not. The score
decides, higher is better; the rank where there is no score. A query may be named by its text. Scores of judged pairs
are kept; a catalogue product that was not judged for the query is left out and counted, and a judged product that the
run does not rank comes last. Blanks in ids are written %20, as --run-dir of `evaluate` does. Such a signal ranks judged
products only: it cannot search the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, MODALITY, Columns, bundle_argument, verb
from precompute.read.own_pairs import Missing
from precompute.steps.run_file import Reading, import_run
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
@click.option("--columns", type=Columns(), default="", metavar="TEXT", help="theirs=ours: doc=product_id,sim=score")
@click.option(
    "--missing",
    type=click.Choice(get_args(Missing)),
    help="lines of queries or products that the bundle does not have (default: refuse, but for ESCI's own results)",
)
def command(
    bundle: Path,
    signal: str,
    modality: Modality,
    run_file: Path,
    columns: Mapping[str, str],
    missing: Missing | None,
) -> None:
    """Adds the signal."""
    if import_run(bundle, run_file, signal, modality, Reading(columns, missing), Terminal()).written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {signal}")
