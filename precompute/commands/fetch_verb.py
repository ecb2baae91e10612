"""Fetch a bundle that lies on the Hugging Face Hub as a data set, check it, and put it in its place.

hf:OWNER/NAME@REVISION names it; a commit as REVISION is the same bundle for ever, a branch may be another one tomorrow.
Every file is held to the hash that the manifest has, and the whole bundle to what `verify` checks, before visitors see
it. Interrupted, the same command goes on where it was. HF_TOKEN opens a set that is not public."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.events import events, progress_option
from precompute.commands.verb import FILE, verb
from precompute.steps.fetch_bundle import fetch_bundle
from sqid_core.bundle.hub_sets import hub_set_of


@verb("fetch", __doc__, "python -m precompute fetch hf:our-team/sqid-bundle@3f2c1a9 --out data/sqid")
@click.argument("named", metavar="hf:OWNER/NAME@REVISION")
@click.option("--out", type=FILE, metavar="DIR", help="the bundle's folder (default: data/NAME)", show_default=False)
@progress_option
def command(named: str, out: Path | None, progress: str) -> None:
    """Fetches the bundle; a line for each step of it."""
    hub_set = hub_set_of(named)
    fetch_bundle(hub_set, out or Path("data") / hub_set.folder, events(progress))
