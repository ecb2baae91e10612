"""Make a bundle from files in the format of ESCI (examples, products) and, where given, SQID (pictures, features).

Takes the judged pairs of one slice of ESCI, and their products. With SQID's feature files the bundle gets the signals
clip_text and clip_image; without, the verb `encode` makes signals."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, verb
from precompute.read.esci import Slice
from precompute.steps.import_ import EsciFiles, import_esci
from sqid_core.encoders.suggested import suggested_commands

EXAMPLE = (
    "python -m precompute import --examples shopping_queries_dataset_examples.parquet "
    "--products shopping_queries_dataset_products.parquet --out data/esci"
)
_COUNTED = ("queries", "judgements", "products")


@verb("import", __doc__, EXAMPLE)
@click.option("--examples", type=FILE, required=True, metavar="F", help="ESCI's examples (Parquet or CSV)")
@click.option("--products", type=FILE, required=True, metavar="F", help="ESCI's products")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="the bundle to make")
@click.option("--image-urls", type=FILE, metavar="F", help="product_id, image_url")
@click.option("--categories", type=FILE, metavar="F", help="product_id, category, price, rating")
@click.option("--sources", type=FILE, metavar="F", help="ESCI's sources: query_id, source")
@click.option("--query-features", type=FILE, metavar="F", help="SQID's query_features.parquet")
@click.option("--product-features", type=FILE, metavar="F", help="SQID's product_features.parquet")
@click.option("--locale", default="us", help="us, es or jp")
@click.option("--split", default="test", help="test, train or all")
@click.option("--version", type=click.Choice(("small", "large", "all")), default="small")
@click.option("--all-products", is_flag=True, help="keep products of the locale that nobody judged")
@click.option("--expect", metavar="Q,J,P", help="refuse other numbers of queries, judgements and products")
@click.option("--name", help="the bundle's name (default: made from the slice)")
def command(
    out: Path,
    locale: str,
    split: str,
    version: str,
    all_products: bool,
    expect: str | None,
    name: str | None,
    **files: Path | None,
) -> None:
    """Makes the bundle."""
    given = {option: path for option, path in files.items() if path is not None}
    expected = _counts(expect) if expect is not None else None
    made = import_esci(EsciFiles(**given), out, Slice(version, split, locale), all_products, expected, name, Terminal())
    if made.has_vectors:
        click.echo(f"next: python -m precompute index {out}, then python -m precompute evaluate {out}")
    else:
        click.echo(f"next: {suggested_commands(out, ('text',))[0]}")


def _counts(text: str) -> dict[str, int]:
    try:
        return dict(zip(_COUNTED, map(int, text.split(",")), strict=True))
    except ValueError:
        raise click.UsageError(f"--expect must be three numbers with commas between, got {text!r}") from None
