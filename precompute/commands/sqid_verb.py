"""SQID from nothing: fetch the files, import, index, verify, evaluate. Needs no GPU, since SQID brings its vectors.

Files that --esci-dir or --sqid-dir hold already are used as they are; the others are fetched (2.1 GB) into a folder
"downloads" beside the bundle and kept there. Interrupted, the same command goes on where it was. The addresses can be
replaced by mirrors: HF_ENDPOINT, SQID_GITHUB_RAW and SQID_GITHUB_MEDIA."""

from __future__ import annotations

import os
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, verb
from precompute.report import against_published
from precompute.report.evaluation import table
from precompute.steps.sqid import make_sqid


@verb("sqid", __doc__, "python -m precompute sqid --out data/sqid")
@click.option("--out", type=FILE, default=Path("data/sqid"), metavar="DIR", help="the bundle to make")
@click.option("--esci-dir", type=FILE, metavar="D", help="a folder that holds ESCI's files, or some of them")
@click.option("--sqid-dir", type=FILE, metavar="D", help="a folder that holds SQID's files, or some of them")
@click.option("--partial", is_flag=True, help="take slices: say what is missing instead of asking for all of SQID")
@click.option("--offline", is_flag=True, help="fetch nothing (also with HF_HUB_OFFLINE=1)")
def command(out: Path, esci_dir: Path | None, sqid_dir: Path | None, partial: bool, offline: bool) -> None:
    """Each step says what it does."""
    offline = offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    evaluation = make_sqid(out, esci_dir, sqid_dir, partial, offline, Terminal()).evaluation
    click.echo(table(evaluation))
    against_published.check(evaluation.published)
