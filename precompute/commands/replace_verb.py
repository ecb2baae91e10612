"""Put a new bundle in the place of one that is being served. The new one is opened first, with every check, then both
are renamed: visitors see the old one or the new one, never half of either, and the app notices by itself.

A served bundle may also be changed in place by the other verbs. What must not be done is to copy files over it."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.steps.replace import replace_bundle


@verb("replace", __doc__, "python -m precompute replace data/sqid data/.sqid-new")
@bundle_argument
@click.argument("new", type=FILE, metavar="NEW")
@click.option("--keep", is_flag=True, help="keep the old one beside it, as .NAME.replaced")
def command(bundle: Path, new: Path, keep: bool) -> None:
    """Replaces the bundle."""
    replace_bundle(bundle, new, keep, Terminal())
