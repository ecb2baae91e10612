"""Add vectors that another program made as a signal: of any model, also one that only a paid service has.

A .npy array has a row for each product in the order of the bundle's products.parquet, and for each query in the order
of its queries.parquet. Parquet has the columns product_id (or query_id) and one of lists, in any order; ids that the
bundle does not have are left out. Vectors are brought to length 1; zeros, nan alone or null are a missing vector.

--model keeps the model's name. With --family too it is opened, and must make the queries' vectors as the file has them:
then typed words can be searched for; without it only the bundle's queries can be looked at."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, MODALITY, bundle_argument, verb
from precompute.steps.encode import Model
from precompute.steps.vectors import VectorFiles, add_vectors
from sqid_core.encoders.families import FAMILIES
from sqid_core.encoders.from_file import FROM_FILE
from sqid_core.types import Modality


@verb(
    "vectors",
    __doc__,
    "python -m precompute vectors data/own --signal voyage --modality text --products products.npy "
    "--queries queries.npy --model voyage-3",
)
@bundle_argument
@click.option("--signal", required=True, metavar="NAME", help="the new signal's name")
@click.option("--modality", required=True, type=MODALITY, help="what the model read")
@click.option("--products", required=True, type=FILE, metavar="F", help=".npy or Parquet")
@click.option("--queries", required=True, type=FILE, metavar="F", help=".npy or Parquet")
@click.option("--model", default="", metavar="NAME", help="what made them")
@click.option("--family", default="", type=click.Choice(["", *sorted({*FAMILIES} - {FROM_FILE})]), help="opens --model")
@click.option("--pretrained", default="", metavar="P", help="the weights, with --family")
@click.option("--encoder-name", default="", metavar="NAME", help="what the bundle calls the encoder")
def command(
    bundle: Path,
    signal: str,
    modality: Modality,
    products: Path,
    queries: Path,
    model: str,
    family: str,
    pretrained: str,
    encoder_name: str,
) -> None:
    """Adds the signal."""
    made = Model(family, model, pretrained, encoder_name)
    if add_vectors(bundle, signal, modality, VectorFiles(products, queries), made, Terminal()).written:
        click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {signal}")
