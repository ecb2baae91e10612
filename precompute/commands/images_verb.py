"""Store a bundle's pictures in it, for offline and hosted use: downloads what the products' addresses lead to, or
takes the files of a folder (--from). Each picture is checked by decoding and stored upright as WebP of at most 512
pixels a side. images.parquet says for every product what became of its picture.

What a shop shows in place of a picture counts as missing; a picture that another product has already is shown, and
counts as missing for encode (see --duplicates). Tiny, blurred, near-uniform, very dark and very bright pictures are
listed, and with --poor missing they count as missing for encode too. Can be interrupted: the same command goes on, and
tries again what could not be reached."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, Positive, bundle_argument, verb
from precompute.images.outcome import Limits
from precompute.steps.images import store_images
from sqid_core.encoders.suggested import suggested_commands


@verb("images", __doc__, "python -m precompute images data/sqid --workers 8")
@bundle_argument
@click.option(
    "--from",
    "source",
    type=FILE,
    metavar="DIR",
    help="take the pictures from this folder, by file name or product id, and download nothing",
)
@click.option("--workers", type=Positive(int), default=8, metavar="N", help="downloads at the same time")
@click.option("--max-mb", type=Positive(), default=20.0, metavar="N", help="largest file, in MB")
@click.option("--max-megapixels", type=Positive(), default=16.0, metavar="N", help="largest picture, 16 at most")
@click.option(
    "--internal",
    is_flag=True,
    help="also ask addresses of this machine and its own network, which strangers' data could misuse",
)
@click.option(
    "--duplicates",
    type=click.Choice(("missing", "share")),
    default="missing",
    help="of products with the very same picture the first keeps it: the others have none (missing) or have it too "
    "(share)",
)
@click.option(
    "--poor",
    type=click.Choice(("missing", "keep")),
    default="keep",
    help="tiny, blurred, near-uniform, very dark and very bright pictures count as missing for encode, or are kept",
)
def command(
    bundle: Path,
    source: Path | None,
    workers: int,
    max_mb: float,
    max_megapixels: float,
    internal: bool,
    duplicates: str,
    poor: str,
) -> None:
    """Stores the pictures."""
    limits = Limits(bytes=int(max_mb * 1e6), pixels=int(max_megapixels * 1e6), internal=internal)
    store_images(bundle, source, workers, limits, duplicates == "share", poor == "missing", Terminal()).require()
    click.echo(f"next: {suggested_commands(bundle, ('image',))[0]}")
