"""Store a bundle's vectors as float16: half the disk, and half of what the system keeps in memory.

What NDCG of the judged slates loses goes into the manifest. Searches widen the rows as they read them, and sum in
float32. --type float32 makes the files what other programs expect, but gives no lost digit back: encode --again does.
An index of the vectors as they were is dropped."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Several, bundle_argument, verb
from precompute.steps.storage import store
from sqid_core.bundle.storage import HALF, STORAGES


@verb("storage", __doc__, "python -m precompute storage data/esci --type float16")
@bundle_argument
@click.option("--type", "storage", type=click.Choice(STORAGES), default=HALF)
@click.option("--signals", type=Several(), metavar="NAME ...", help="these alone", show_default=False)
def command(bundle: Path, storage: str, signals: tuple[str, ...] | None) -> None:
    """Stores the vectors so."""
    store(bundle, storage, signals or (), Terminal())
