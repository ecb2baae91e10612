"""Make a bundle from a catalogue of your own: products, queries and judgements as CSV, Parquet or JSON lines, or in the
format of BEIR and MTEB, TREC, Quepid, OpenSearch, Elasticsearch's rank_eval or WANDS, known by content or by --from.

products:    product_id, title; and, if you have them, brand, color, category, price, image, description, locale
queries:     query_id, query; and, if you have them, source, split, weight (how often it is asked)
judgements:  query_id, product_id, label (a name of --labels, or its letter)

Columns of other names are mapped by --columns, theirs=ours. Judgements may be keyed by the query's text; then the
queries are made of the texts. Grades that are numbers are their own gains unless --labels says what they are worth.
One flat table of pairs (product_id, title, query, label in each row) is --products alone. What each format needs stands
in docs/own-data.md.

Products alone are a bundle too, to search in: without judgements nothing is measured.

An image is a web address, or the name of a file in --pictures; a file that is named after the product's id is found
too. Ids are text: in Parquet files a product_id stored as a number is refused, since some ids start with 0.

Into a bundle that exists: what did not change keeps its vectors, pictures and categories (prices and labels cost no
vector), the rest is encoded with the bundle's own encoders, and what was kept, added and dropped is said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, Columns, verb
from precompute.read.formats.recognised import FAMILIES
from precompute.read.own_pairs import Missing, Wish
from precompute.read.own_tables import OwnFiles
from precompute.read.several_judges import Judging
from precompute.steps.own import make_own
from precompute.steps.own_judges import store_judges
from sqid_core.encoders.suggested import suggested_commands
from sqid_core.store.opening import store_of

EXAMPLE = (
    "python -m precompute own --products products.csv --queries queries.csv --judgements judgements.csv "
    '--labels "Exact=1,Partial=0.5,Irrelevant=0" --out data/own'
)


@verb("own", __doc__, EXAMPLE)
@click.option(
    "--from", "family", type=click.Choice((*FAMILIES,)), help="the files' format (default: what their content shows)"
)
@click.option("--products", type=FILE, required=True, metavar="F", help="a file, or a folder or hf:OWNER/NAME with all")
@click.option("--queries", type=FILE, metavar="F", help="a file")
@click.option("--judgements", type=FILE, metavar="F", help="a file")
@click.option(
    "--columns", type=Columns(), default="", metavar="TEXT", help="theirs=ours: docid=product_id,rating=label"
)
@click.option(
    "--judges",
    "judging",
    type=click.Choice(get_args(Judging)),
    default="refuse",
    help="what becomes of several labels of a pair; keep stores each for the Judge page too",
)
@click.option(
    "--missing",
    type=click.Choice(get_args(Missing)),
    default="refuse",
    help="judgements of products or queries that are not there",
)
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
    family: str | None,
    products: Path,
    queries: Path | None,
    judgements: Path | None,
    columns: Mapping[str, str],
    judging: Judging,
    missing: Missing,
    out: Path,
    pictures: Path | None,
    labels: str | None,
    name: str,
    **about: str | None,
) -> None:
    """Makes the bundle."""
    files = OwnFiles(products, queries, judgements, pictures, family or "", columns)
    wish = Wish(labels, judging, missing)
    said = {field: text for field, text in about.items() if text}
    store = store_of(os.environ) if judging == "keep" else None
    made = make_own(files, out, wish, name, said, Terminal())
    if store is not None and made.said is not None:
        store_judges(out, made.said, store, Terminal())
    download = f"python -m precompute images {out}, then " if made.has_addresses else ""
    click.echo(f"next: {download}{suggested_commands(out, ('text',))[0]}")
