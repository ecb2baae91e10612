"""A category for each product: from a file, or estimated with the bundle's own encoder.

--from takes ESCI-S's esci.json.zst (or any JSON lines, packed with zstd or gzip or not at all, with the fields asin or
product_id, and category: a list or a text with > between its levels), or a table (CSV or Parquet) of a product id and a
category. Products that the file lacks keep the category they have.

Without --from, and with --estimate-rest, products without a category get the nearest of a fixed list of shop
departments by the encoder of the bundle's pictures (zero-shot). The bundle marks them as estimated."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.steps.categories import categorise


@verb("categories", __doc__, "python -m precompute categories data/sqid --from esci.json.zst --estimate-rest")
@bundle_argument
@click.option("--from", "file", type=FILE, metavar="F", help="JSON lines, CSV or Parquet")
@click.option("--id-column", metavar="NAME", help="the file's field with the product id (default: looked for)")
@click.option("--category-column", metavar="NAME", help="the file's field with the category")
@click.option("--estimate-rest", is_flag=True, help="with --from: estimate what the file lacks")
def command(
    bundle: Path, file: Path | None, id_column: str | None, category_column: str | None, estimate_rest: bool
) -> None:
    """Writes the categories."""
    if (id_column is None) != (category_column is None):
        raise click.UsageError("--id-column and --category-column belong together; give both or neither")
    columns = (id_column, category_column) if id_column is not None and category_column is not None else None
    categorise(bundle, file, columns, estimate_rest, Terminal())
