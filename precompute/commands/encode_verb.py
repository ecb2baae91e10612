"""Encode a bundle's products and queries with a model: adds a signal.

Works in shards inside the bundle: after an interruption the same command goes on. A signal that is there already, made
by the same model from the same fields, is brought up to date: pictures and texts that came later or changed are
encoded, what is gone is dropped, all others keep their vectors. Local pictures are read from the bundle's images/.

--engine ray encodes the products on the machines of a Ray cluster, into the same shards. The bundle, and a model in a
folder, must lie at the same place on all of them."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import MODALITY, Whole, bundle_argument, verb
from precompute.steps.encode import Model, encode
from precompute.work.on_ray import HERE
from sqid_core.bundle.storage import STORAGES
from sqid_core.encoders.families import FAMILIES
from sqid_core.encoders.from_file import FROM_FILE
from sqid_core.types import Modality

EXAMPLE = (
    "python -m precompute encode data/esci --signal sbert_text --modality text "
    "--family sentence-transformers --model all-MiniLM-L12-v2"
)

_WEIGHTS = "; ".join(f"{family.name}: {family.pretrained}" for family in FAMILIES.values() if family.pretrained)


@verb("encode", __doc__, EXAMPLE)
@bundle_argument
@click.option("--signal", required=True, metavar="NAME", help="the new signal's name, such as sbert_text")
@click.option("--modality", required=True, type=MODALITY)
@click.option("--family", default=next(iter(FAMILIES)), type=click.Choice(sorted({*FAMILIES} - {FROM_FILE})))
@click.option("--model", required=True, metavar="M", help="a model's name, or a folder with its files")
@click.option("--pretrained", default="", metavar="P", help=_WEIGHTS)
@click.option("--text-fields", default="title", metavar="A,B", help="product columns to join")
@click.option("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
@click.option("--encoder-name", default="", metavar="NAME", help="what the bundle calls the encoder")
@click.option("--batch-size", type=Whole(1), metavar="N", help="items at a time (default 64, on a GPU 128)")
@click.option("--decoders", type=Whole(1), metavar="N", help="threads, beside a GPU processes, that read pictures")
@click.option("--engine", type=click.Choice(("local", "ray")), default="local", help="this machine, or a Ray cluster")
@click.option("--address", metavar="A", help="ray: auto for the cluster of this machine; one of its own where left out")
@click.option("--storage", type=click.Choice(STORAGES), help="as what the vectors are stored; float32, or as they were")
@click.option("--again", is_flag=True, help="encode everything, also what has a vector of what it is now")
def command(
    bundle: Path,
    signal: str,
    modality: Modality,
    family: str,
    model: str,
    pretrained: str,
    text_fields: str,
    device: str,
    encoder_name: str,
    batch_size: int | None,
    decoders: int | None,
    engine: str,
    address: str | None,
    storage: str | None,
    again: bool,
) -> None:
    """Adds the signal."""
    chosen = Model(family, model, pretrained, encoder_name)
    fields = [name.strip() for name in text_fields.split(",")]
    if engine == "local" and address:
        raise click.UsageError("--address belongs to --engine ray")
    cluster = (address or HERE) if engine == "ray" else ""
    how = device, batch_size, decoders, Terminal(), again, cluster, storage or ""
    done = encode(bundle, signal, modality, chosen, fields, *how)
    if done.written:
        click.echo(f"next: python -m precompute index {bundle}, then python -m precompute evaluate {bundle}")
