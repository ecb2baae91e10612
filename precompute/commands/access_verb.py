"""Say who alone may see a bundle in the app, its pictures included; without an option, print who may.

A rule is signed-in, or CLAIM=VALUE about what the login says of somebody: email=ann@example.org, groups=search-team,
sub=248289761001. One rule that holds is enough. The app needs a login ([auth] in .streamlit/secrets.toml): without one
nobody sees such a bundle. Who can read the folder reads it as before."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.verb import Several, bundle_argument, verb
from precompute.steps.access import show_to
from sqid_core.bundle.manifest import read_manifest
from sqid_core.errors import InputError


@verb("access", __doc__, "python -m precompute access data/own --to email=ann@example.org groups=search-team")
@bundle_argument
@click.option("--to", type=Several(), metavar="RULE ...", help="who may see it, instead of those before")
@click.option("--everybody", is_flag=True, help="everybody may see it again")
def command(bundle: Path, to: tuple[str, ...] | None, everybody: bool) -> None:
    """Sets or prints the rules."""
    if to and everybody:
        raise InputError("--to and --everybody say different things; give one")
    rules = show_to(bundle, to or ()) if to or everybody else read_manifest(bundle).visible_to
    print(f"{bundle} is seen by {'whom one of these holds for: ' + ', '.join(rules) if rules else 'everybody'}.")
