"""Learn a ranking from a bundle's labels, and add it as a signal.

The queries are dealt into folds once a bundle; equal texts share one. Each query is scored by a model that was fitted
on the other folds (out-of-fold), so that the signal can be compared like any other. A last model, fitted on all
queries, is kept for texts that people type: on judged queries it is in-sample.

Learners: presence (a control), linear, lambdamart, gate, attention. They and the features are in docs/learning.md."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import click
import pandas as pd

from precompute.commands.terminal import Terminal
from precompute.commands.verb import MODALITY, Whole, bundle_argument, verb
from precompute.steps.learn import Explained, Wanted, learn
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.learning.learners import LEARNERS
from sqid_core.types import Modality
from sqid_core.wording import numbered


@verb("learn", __doc__, "python -m precompute learn data/sqid --name lambdamart --learner lambdamart")
@bundle_argument
@click.option("--name", required=True, metavar="NAME", help="the new signal's name")
@click.option("--learner", required=True, type=click.Choice([*LEARNERS]), help="how it learns")
@click.option("--signals", multiple=True, metavar="NAME", help="signals to learn from; once each (default: all)")
@click.option("--features", multiple=True, metavar="NAME", help="feature groups beside them; once each (default: all)")
@click.option("--folds", type=Whole(min=2, max=100), metavar="N", help="how many  [default: the bundle's, or 5]")
@click.option("--seed", type=Whole(min=0, max=2**31 - 1), default=0, help="of the learner, and of new folds")
@click.option("--explain", is_flag=True, help="also what it rests on, by feature group, and what pictures add")
@click.option("--modality", type=MODALITY, default="text", help="which end of a fusion it is to be")
def command(
    bundle: Path,
    name: str,
    learner: str,
    signals: tuple[str, ...],
    features: tuple[str, ...],
    folds: int | None,
    seed: int,
    explain: bool,
    modality: Modality,
) -> None:
    """Adds the signal."""
    found = learn(bundle, Wanted(name, learner, signals, features, folds, seed, modality), Terminal(), explain)
    against = found.against
    click.echo(f"{name}, out-of-fold: NDCG {against.mean_b:.4f} of {numbered(against.outcomes.n, 'queries')}")
    click.echo(f"{found.baseline}, cross-validated on the same folds: {against.mean_a:.4f}")
    click.echo(f"difference: {_difference(against)}")
    if found.explained is not None:
        for line in explained_lines(found.explained):
            click.echo(line)
    if found.written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {name}")


def explained_lines(explained: Explained) -> Iterator[str]:
    """A table of the feature groups, and what the pictures add."""
    frame = explained.importance
    if len(frame):
        yield from _importance_lines(frame)
    if explained.pictures is not None:
        yield ""
        yield f"pictures add: {_difference(explained.pictures.everywhere)}"
        alone = explained.pictures.pictured
        yield f"where every product has one: {_difference(alone)} on {numbered(alone.outcomes.n, 'queries')}"


def _importance_lines(frame: pd.DataFrame) -> Iterator[str]:
    width = max(map(len, ("feature group", *frame["group"])))
    yield ""
    yield f"{'feature group':{width}}  NDCG lost without   share of the splits' gain (all folds)"
    for row in frame.itertuples(index=False):
        group, loss, low, high, gain, gain_low, gain_high = row
        share = "" if math.isnan(gain) else f"   {gain:6.1%} ({gain_low:.1%} to {gain_high:.1%})"
        yield f"{group:{width}}  {_with_interval(loss, low, high):26}{share}".rstrip()


def _difference(found: RunComparison) -> str:
    return _with_interval(found.difference, *found.interval)


def _with_interval(value: float, low: float, high: float) -> str:
    """nan ends, where too few queries differ, are told as no interval."""
    return f"{value:+.4f} " + ("(no interval)" if math.isnan(low) else f"[{low:+.4f}, {high:+.4f}]")
