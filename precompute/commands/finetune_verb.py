"""Fine-tune an encoder of a bundle to its labels.

--how adapter turns the vectors of the queries by a low-rank adapter, fitted listwise; the products' vectors and their
indexes stay, so that stored vectors and a laptop are enough. Each query is asked by an adapter that was fitted without
its fold (out-of-fold), for as long as it helped on folds inside the others; where nothing helps, nothing is changed. It
adds a signal, with one more adapter, fitted on all queries, for texts that people type."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Whole, bundle_argument, verb
from precompute.steps.adapt import WantedAdapter, adapt
from sqid_core.learning.adapters import FEWEST_FOLDS, MOST_FOLDS, Training


@verb("finetune", __doc__, "python -m precompute finetune data/sqid --encoder sqid-clip --how adapter --out adapted")
@bundle_argument
@click.option("--encoder", required=True, metavar="NAME", help="an encoder of the bundle")
@click.option("--how", required=True, type=click.Choice(("adapter",)), help="what learns")
@click.option("--out", required=True, metavar="NAME", help="the new signal's name")
@click.option("--signal", default="", metavar="NAME", help="which of the encoder's signals (default: its first)")
@click.option("--train", default="", metavar="T", help="another bundle, or a split of this one (default: all queries)")
@click.option("--rank", type=Whole(1, 256), default=Training.rank, help="of the adapter")
@click.option(
    "--folds", type=Whole(FEWEST_FOLDS, MOST_FOLDS), metavar="N", help="how many  [default: the bundle's, or 5]"
)
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, help="of the training, and of new folds")
def command(
    bundle: Path, encoder: str, how: str, out: str, signal: str, train: str, rank: int, folds: int | None, seed: int
) -> None:
    """Adds the signal."""
    del how
    wanted = WantedAdapter(encoder, out, signal, train, folds, seed, Training(rank=rank))
    found = adapt(bundle, wanted, Terminal())
    against = found.against
    low, high = against.interval
    unseen = "out-of-fold" if found.signal.reads_labels else "on queries that it did not see"
    click.echo(f"{out}, fitted to {found.learned_from:,} queries, {unseen}: NDCG {against.mean_b:.4f}")
    click.echo(f"{found.base}, as the encoder makes it: {against.mean_a:.4f}")
    click.echo(f"difference: {against.difference:+.4f} [{low:+.4f}, {high:+.4f}], {against.outcomes.n:,} queries")
    if found.written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{found.signal.modality} {out}")
