"""Make a bundle from a catalogue of your own: products, queries and judgements as CSV or Parquet.

products:    product_id, title; and, if you have them, brand, color, category, price, image, description, locale
queries:     query_id, query; and, if you have them, source, split, weight (how often it is asked)
judgements:  query_id, product_id, label (a name of --labels, or its letter)

Products alone are a bundle too, to search in: without judgements nothing is measured.

An image is a web address, or the name of a file in --pictures; a file that is named after the product's id is found
too. Ids are text: in Parquet files a product_id stored as a number is refused, since some ids start with 0.

Into a bundle that exists: what did not change keeps its vectors, pictures and categories (prices and labels cost no
vector), the rest is encoded with the bundle's own encoders, and what was kept, added and dropped is said."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, verb
from precompute.steps.own import OwnFiles, make_own
from sqid_core.encoders.suggested import suggested_commands

EXAMPLE = (
    "python -m precompute own --products products.csv --queries queries.csv --judgements judgements.csv "
    '--labels "Exact=1,Partial=0.5,Irrelevant=0" --out data/own'
)


@verb("own", __doc__, EXAMPLE)
@click.option("--products", type=FILE, required=True, metavar="F", help="CSV or Parquet")
@click.option("--queries", type=FILE, metavar="F", help="CSV or Parquet")
@click.option("--judgements", type=FILE, metavar="F", help="CSV or Parquet")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="the bundle to make")
@click.option("--pictures", type=FILE, metavar="DIR", help="the folder that holds the pictures' files")
@click.option(
    "--labels", metavar="TEXT", help='names and gains: "Exact=1,Partial=0.5,Irrelevant=0" (default: those of ESCI)'
)
@click.option("--name", default="own", help="the bundle's name")
@click.option("--title", metavar="TEXT", help="shown on the About page")
@click.option("--description", metavar="TEXT", help="shown on the About page")
@click.option("--licence", metavar="TEXT", help="shown on the About page")
@click.option("--source", metavar="TEXT", help="shown on the About page")
def command(
    products: Path,
    queries: Path | None,
    judgements: Path | None,
    out: Path,
    pictures: Path | None,
    labels: str | None,
    name: str,
    **about: str | None,
) -> None:
    """Makes the bundle."""
    files = OwnFiles(products, queries, judgements, pictures)
    said = {field: text for field, text in about.items() if text}
    made = make_own(files, out, labels, name, said, Terminal())
    download = f"python -m precompute images {out}, then " if made.has_addresses else ""
    click.echo(f"next: {download}{suggested_commands(out, ('text',))[0]}")
