"""Build the demo's bundle: some 2,000 drawn products, 200 judged queries, both signals of a tiny CLIP, HNSW indexes.

Takes less than a minute. The same seed gives the same bytes on the same machine."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.events import events, progress_option
from precompute.commands.verb import FILE, verb


@verb("demo", __doc__, "python -m precompute demo --out data/demo")
@click.option("--out", type=FILE, default=Path("data/demo"), help="the bundle's folder")
@click.option("--seed", type=int, default=0, help="another seed draws another shop")
@progress_option
def command(out: Path, seed: int, progress: str) -> None:
    """Builds the demo; a line for each step of it."""
    from precompute.demo.build import build_demo
    from precompute.work.pool import spare_the_cores

    spare_the_cores()
    build_demo(out, seed, events(progress))
