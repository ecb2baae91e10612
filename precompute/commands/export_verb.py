"""Write a bundle in a format that other tools read.

{formats}

Grades are the gains as whole numbers in the same proportions: 1, 0.1, 0.01, 0 are 100, 10, 1, 0. Scores have every
digit. {about} in the folder says what the files are of, and which command reads them back with the same numbers.
Pictures are not taken along; their addresses are."""

from __future__ import annotations

import os
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.steps.export import READ_ME, export
from precompute.write.formats import FORMATS
from sqid_core.judging.label_sets import PUBLISHED
from sqid_core.store.opening import store_of

_LINES = "\n".join(f"  {name:<11} {kind.about}" for name, kind in FORMATS.items())
_HELP = (__doc__ or "").format(formats=_LINES, about=READ_ME)


@verb("export", _HELP, "python -m precompute export data/esci --as beir --out esci-beir")
@bundle_argument
@click.option("--as", "kind", required=True, type=click.Choice(tuple(FORMATS)), help="the format")
@click.option("--out", required=True, type=FILE, metavar="DIR", help="a new folder")
@click.option("--gains", metavar="NAME", help="the gain table that grades are of (default: the bundle's first)")
@click.option("--labels", default=PUBLISHED.source, metavar="SET", help="whose labels, as in evaluate")
def command(bundle: Path, kind: str, out: Path, gains: str | None, labels: str) -> None:
    """Writes the folder."""
    store = None if labels == PUBLISHED.source else store_of(os.environ)
    export(bundle, kind, out, gains, labels, store, Terminal())
    click.echo(f"{out} holds {bundle} as {kind}; {out / READ_ME} says what is in it")
