"""Write a report of a bundle: one HTML file that opens without the app and without a network.

It holds the methods with intervals and tests, NDCG at every weight, categories, the queries that lose most with their
pictures, checks of the data, settings and versions; it prints. Beside it lie a LaTeX table (.tex) and a methods
paragraph (.txt)."""

from __future__ import annotations

import os
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.steps.write_report import WantedReport, report
from sqid_core.judging.label_sets import PUBLISHED
from sqid_core.store.opening import store_of


@verb("report", __doc__, "python -m precompute report data/esci --out report.html")
@bundle_argument
@click.option("--out", required=True, type=FILE, metavar="F", help="the file, which ends with .html")
@click.option("--run", default="", metavar="RUN", help="how text and image are fused, as a link of Compare has it")
@click.option("--gains", metavar="NAME", help="the gain table (default: the bundle's first)")
@click.option("--labels", default=PUBLISHED.source, metavar="SET", help="whose labels, as in evaluate")
@click.option("--relevant", default="", metavar="LABEL", help="the last label that counts as relevant, as in evaluate")
@click.option("--title", default="", metavar="TEXT", help="of the report")
def command(bundle: Path, out: Path, run: str, gains: str | None, labels: str, relevant: str, title: str) -> None:
    """Writes the files."""
    store = None if labels == PUBLISHED.source else store_of(os.environ)
    paths = report(bundle, out, WantedReport(run, gains, labels, relevant, title), store, Terminal())
    click.echo(f"written: {', '.join(map(str, paths))}")
