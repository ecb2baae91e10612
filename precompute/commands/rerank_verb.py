"""Score a bundle's judged pairs with a cross-encoder: adds a signal.

A cross-encoder reads the query and a product's text together, so it is slower and mostly better than two vectors; it
scores pairs and cannot search. On the page Search it re-ranks the products that are shown, when asked. With --runs and
--top only the first products of each of these rankings are scored, and all others stand behind. Works in shards inside
the bundle: after an interruption the same command goes on. Half precision on a GPU. Needs the extra `rankers`."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import MODALITY, Several, Whole, bundle_argument, verb
from precompute.steps.rerank import rerank
from sqid_core.types import Modality


@verb(
    "rerank",
    __doc__,
    "python -m precompute rerank data/esci --signal cross --model cross-encoder/ms-marco-MiniLM-L-6-v2",
)
@bundle_argument
@click.option("--signal", required=True, metavar="NAME", help="the new signal's name, such as cross_encoder")
@click.option("--model", required=True, metavar="M", help="a model's name, or a folder with its files")
@click.option("--runs", type=Several(), metavar="A B", help="signals, or mixes, whose first products are scored")
@click.option("--top", type=Whole(1), metavar="K", help="how many products of each of --runs")
@click.option("--text-fields", default="title", type=Several(), metavar="A B", help="product columns to join")
@click.option("--modality", default="text", type=MODALITY, help="which end of a fusion it stands at")
@click.option("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
@click.option("--batch-size", type=Whole(1), metavar="N", help="pairs at a time (default 64, on a GPU 128)")
@click.option("--again", is_flag=True, help="score everything, also what the bundle has by this model")
def command(
    bundle: Path,
    signal: str,
    model: str,
    runs: tuple[str, ...] | None,
    top: int | None,
    text_fields: tuple[str, ...],
    modality: Modality,
    device: str,
    batch_size: int | None,
    again: bool,
) -> None:
    """Adds the signal."""
    options = text_fields, modality, device, batch_size
    if rerank(bundle, signal, model, runs or (), top, *options, Terminal(), again).written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {signal}")
