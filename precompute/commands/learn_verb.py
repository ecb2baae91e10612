"""Learn a ranking from a bundle's labels, and add it as a signal.

The queries are dealt into folds once a bundle; equal texts share one. Each query is scored by a model that was fitted
on the other folds (out-of-fold), so that the signal can be compared like any other. A last model, fitted on all
queries, is kept for texts that people type: on judged queries it is in-sample.

Learners: presence (a control), linear, lambdamart. The features are listed in docs/learning.md."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import MODALITY, Whole, bundle_argument, verb
from precompute.steps.learn import Wanted, learn
from sqid_core.learning.learners import LEARNERS
from sqid_core.types import Modality


@verb("learn", __doc__, "python -m precompute learn data/sqid --name lambdamart --learner lambdamart")
@bundle_argument
@click.option("--name", required=True, metavar="NAME", help="the new signal's name")
@click.option("--learner", required=True, type=click.Choice([*LEARNERS]), help="how it learns")
@click.option("--signals", multiple=True, metavar="NAME", help="signals to learn from; once each (default: all)")
@click.option("--features", multiple=True, metavar="NAME", help="feature groups beside them; once each (default: all)")
@click.option("--folds", type=Whole(min=2, max=100), metavar="N", help="how many  [default: the bundle's, or 5]")
@click.option("--seed", type=Whole(min=0, max=2**31 - 1), default=0, help="of the learner, and of new folds")
@click.option("--modality", type=MODALITY, default="text", help="which end of a fusion it is to be")
def command(
    bundle: Path,
    name: str,
    learner: str,
    signals: tuple[str, ...],
    features: tuple[str, ...],
    folds: int | None,
    seed: int,
    modality: Modality,
) -> None:
    """Adds the signal."""
    found = learn(bundle, Wanted(name, learner, signals, features, folds, seed, modality), Terminal())
    against = found.against
    low, high = against.interval
    click.echo(f"{name}, out-of-fold: NDCG {against.mean_b:.4f} of {against.outcomes.n:,} queries")
    click.echo(f"{found.baseline}, cross-validated on the same folds: {against.mean_a:.4f}")
    click.echo(f"difference: {against.difference:+.4f} [{low:+.4f}, {high:+.4f}]")
    if found.written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {name}")
