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
from precompute.report.receipt import Ran, write_receipt
from precompute.report.receipt import receipt as receipt_of
from precompute.steps.sqid import make_sqid


@verb("sqid", __doc__, "python -m precompute sqid --out data/sqid")
@click.option("--out", type=FILE, default=Path("data/sqid"), metavar="DIR", help="the bundle to make")
@click.option("--esci-dir", type=FILE, metavar="D", help="a folder that holds ESCI's files, or some of them")
@click.option("--sqid-dir", type=FILE, metavar="D", help="a folder that holds SQID's files, or some of them")
@click.option("--partial", is_flag=True, help="take slices: say what is missing instead of asking for all of SQID")
@click.option("--offline", is_flag=True, help="fetch nothing (also with HF_HUB_OFFLINE=1)")
@click.option(
    "--sentence-bert", is_flag=True, help="also encode the titles as the paper did (extra rankers), and evaluate that"
)
@click.option("--receipt", type=FILE, metavar="DIR", help="write what ran, on what, and each published row beside ours")
def command(
    out: Path,
    esci_dir: Path | None,
    sqid_dir: Path | None,
    partial: bool,
    offline: bool,
    sentence_bert: bool,
    receipt: Path | None,
) -> None:
    """Each step says what it does; the receipt is written before figures that differ end with 1."""
    offline = offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    made = make_sqid(out, esci_dir, sqid_dir, partial, offline, Terminal(), sentence_bert)
    click.echo("\n\n".join(map(table, made.evaluations)))
    if receipt:
        ran = Ran(made.fetched, made.seconds, made.evaluations[-1].dataset, made.published)
        click.echo(f"receipt: {write_receipt(receipt, receipt_of(ran))}")
    against_published.check(made.published)
