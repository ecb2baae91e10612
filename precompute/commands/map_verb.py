"""Draw a map of the catalogue: products and queries of each signal with vectors in two dimensions.

Vectors are reduced to their principal components, then to two dimensions by UMAP; fewer than 100 products are drawn by
their first two components. Queries are put among the products. Products near each other are alike; distances across
the map say little. Equal numbers give the same map on the same machine. The page Dataset shows it. Needs the extra
`interop`; reading the bundle does not. What was mapped with the same numbers is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Several, Whole, bundle_argument, verb
from precompute.steps.mapping import Drawing, map_catalogue


class Share(click.ParamType):
    """A number between 0 and 1."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number = float(click.FLOAT.convert(value, param, ctx))
        if not 0 <= number <= 1:
            raise click.UsageError(f"{param.opts[0] if param else 'it'} must be between 0 and 1, got {value}")
        return number


@verb("map", __doc__, "python -m precompute map data/esci --signal clip_text clip_image")
@bundle_argument
@click.option("--signal", "signals", type=Several(), metavar="A B", help="map these; otherwise all with vectors")
@click.option("--encoder", default="", metavar="NAME", help="map the signals of this encoder alone")
@click.option(
    "--neighbours", type=Whole(2, 200), default=Drawing.neighbours, metavar="N", help="near products that stay near"
)
@click.option("--min-dist", type=Share(), default=Drawing.min_dist, metavar="D", help="how near points may lie, 0 to 1")
@click.option(
    "--dimensions", type=Whole(2, 1000), default=Drawing.dimensions, metavar="N", help="principal components for UMAP"
)
@click.option("--seed", type=Whole(0, 2**32 - 1), default=Drawing.seed, metavar="N", help="another one, another map")
@click.option("--again", is_flag=True, help="also what was mapped with these numbers")
def command(
    bundle: Path,
    signals: tuple[str, ...] | None,
    encoder: str,
    neighbours: int,
    min_dist: float,
    dimensions: int,
    seed: int,
    again: bool,
) -> None:
    """Makes the maps."""
    drawing = Drawing(neighbours, min_dist, dimensions, seed)
    map_catalogue(bundle, signals or (), encoder, drawing, again, Terminal())
    click.echo("next: the page Dataset of the app shows the map")
