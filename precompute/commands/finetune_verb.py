"""Fine-tune an encoder, or a cross-encoder, to a bundle's labels.

--how adapter turns the vectors of the queries by a low-rank adapter, fitted listwise; the products' vectors and their
indexes stay, so that stored vectors and a laptop are enough. It learns for as long as it helps on folds inside the
others; where nothing helps, nothing is changed. It adds a signal, with one more adapter, fitted on all queries, for
texts that people type.

--how full trains all weights of an open_clip model, or of a cross-encoder (--family), on queries, titles and pictures.
It adds the scores as a signal and keeps the model of all queries in models/NAME, which encode or rerank takes: what
that scores is in-sample on the queries that it saw, and is called so. bf16 on a GPU; an interrupted run goes on.

Either way each query is scored by a model that was fitted without its fold (out-of-fold), or, with --train and another
bundle, by one that learned from that bundle alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Positive, Several, Whole, bundle_argument, verb
from precompute.steps.adapt import WantedAdapter, adapt
from precompute.steps.finetune import finetune
from precompute.tuning.starting import STARTS, Asked
from precompute.tuning.task import WantedTuning
from precompute.tuning.training import Tuning
from precompute.tuning.two_towers import Freeze
from sqid_core.evaluation.comparisons import RunComparison
from sqid_core.learning.adapters import FEWEST_FOLDS, MOST_FOLDS, Training
from sqid_core.wording import numbered

_ADAPTER, _FULL = "adapter", "full"
_ENCODER = next(iter(STARTS))
# Options that mean something to one way alone.
_OF_ADAPTER, _OF_FULL = (
    ("rank",),
    ("family", "freeze", "text_fields", "device", "epochs", "rate", "batch_size", "threads"),
)


@verb("finetune", __doc__, "python -m precompute finetune data/sqid --encoder sqid-clip --how adapter --out adapted")
@bundle_argument
@click.option("--encoder", required=True, metavar="NAME", help="of the bundle; for a cross-encoder also a folder")
@click.option("--how", type=click.Choice((_ADAPTER, _FULL)), help="what learns: an adapter, or all weights")
@click.option("--family", default=_ENCODER, type=click.Choice([*STARTS]), help="what is trained in full")
@click.option("--out", required=True, metavar="NAME", help="the new signal's name")
@click.option("--signal", default="", metavar="NAME", help="which of the encoder's (adapter: first, full: all)")
@click.option("--train", default="", metavar="T", help="another bundle, or a split of this one (default: all queries)")
@click.option("--freeze", type=click.Choice(("text", "image")), help="which of an encoder's towers stays as it is")
@click.option("--text-fields", default="title", type=Several(), metavar="A B", help="what a cross-encoder reads")
@click.option("--rank", type=Whole(1, 256), default=Training.rank, help="of the adapter")
@click.option("--epochs", type=Whole(1, 100), default=Tuning.epochs, help="how often all queries are read")
@click.option("--rate", type=Positive(), default=Tuning.rate, help="of learning, at its highest")
@click.option("--batch-size", type=Whole(1, 4096), default=Tuning.batch, metavar="N", help="queries at a time")
@click.option("--threads", type=Whole(1, 256), default=Tuning.threads, help="of the CPU; others give other last digits")
@click.option("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
@click.option("--folds", type=Whole(2, MOST_FOLDS), metavar="N", help="how many  [default: the bundle's, or 5]")
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, help="of the training, and of new folds")
@click.pass_context
def command(
    context: click.Context,
    bundle: Path,
    encoder: str,
    how: str | None,
    family: str,
    out: str,
    signal: str,
    train: str,
    freeze: Freeze | None,
    text_fields: tuple[str, ...],
    rank: int,
    epochs: int,
    rate: float,
    batch_size: int,
    threads: int,
    device: str,
    folds: int | None,
    seed: int,
) -> None:
    """Adds the signal."""
    how = how or ("" if family == _ENCODER else _FULL)
    if not how:
        raise click.UsageError(f"Missing option '--how'. Choose from: {_ADAPTER}, {_FULL}", context)
    _check_options(context, how)
    if family == _ENCODER and context.get_parameter_source("text_fields") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError(
            "--text-fields belongs to cross-encoders; an encoder reads what its signal reads", context
        )
    if how == _FULL:
        asked = Asked(encoder, signal, freeze or "", text_fields, seed)
        tuning = replace(Tuning(), epochs=epochs, rate=rate, batch=batch_size, threads=threads)
        _full(bundle, WantedTuning(family, asked, out, train, folds, device, tuning))
        return
    if folds is not None and folds < FEWEST_FOLDS:
        raise click.UsageError(f"--folds must be between {FEWEST_FOLDS} and {MOST_FOLDS}, got {folds}", context)
    found = adapt(bundle, WantedAdapter(encoder, out, signal, train, folds, seed, Training(rank=rank)), Terminal())
    _say(out, found.learned_from, found.signal.reads_labels, found.base, found.against)
    if found.written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{found.signal.modality} {out}")


def _check_options(context: click.Context, how: str) -> None:
    """Raises UsageError where an option is given that means nothing to this way."""
    for name in _OF_FULL if how == _ADAPTER else _OF_ADAPTER:
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            other = _FULL if how == _ADAPTER else _ADAPTER
            raise click.UsageError(f"--{name.replace('_', '-')} belongs to --how {other}; leave it away", context)


def _full(bundle: Path, wanted: WantedTuning) -> None:
    found = finetune(bundle, wanted, Terminal())
    for signal, (base, against) in zip(found.signals, found.against, strict=True):
        _say(signal.name, signal.origin.queries, signal.reads_labels, base, against)
    if found.written:
        first = found.signals[0]
        click.echo(f"the model of all these queries: {found.model}")
        click.echo(f"next: python -m precompute evaluate {bundle} --{first.modality} {first.name}")


def _say(name: str, learned_from: int, by_folds: bool, base: str, against: RunComparison) -> None:
    unseen = "out-of-fold" if by_folds else "on queries that it did not see"
    click.echo(f"{name}, fitted to {numbered(learned_from, 'queries')}, {unseen}: NDCG {against.mean_b:.4f}")
    if base:
        low, high = against.interval
        click.echo(f"{base}, as it was: {against.mean_a:.4f}")
        click.echo(
            f"difference: {against.difference:+.4f} [{low:+.4f}, {high:+.4f}], "
            f"{numbered(against.outcomes.n, 'queries')}"
        )
