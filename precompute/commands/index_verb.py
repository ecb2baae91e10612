"""Build an HNSW index for each signal of a bundle, and measure what it loses against exact search.

Recall@10 and @100 and the loss in NDCG go into the manifest. The app works without an index: it then searches exactly.
Only --threads 1 gives the same bytes on every run."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Whole, bundle_argument, verb
from precompute.steps.index import MOST_QUERIES, GraphSpec, index


class Threads(Whole):
    """A number of threads, or -1."""

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        return -1 if str(value).strip() == "-1" else super().convert(value, param, ctx)


# hnswlib takes more than 10,000 links for 10,000.
@verb("index", __doc__, "python -m precompute index data/esci --m 16 --ef-construction 200 --ef 64")
@bundle_argument
@click.option("--m", type=Whole(2, 10_000), default=16, metavar="N", help="links of a node")
@click.option("--ef-construction", type=Whole(1, 1_000_000), default=200, metavar="N", help="care in building")
@click.option("--ef", type=Whole(1, 1_000_000), default=64, metavar="N", help="care in searching")
@click.option("--threads", type=Threads(1), default=-1, metavar="N", help="-1 for all cores")
@click.option(
    "--queries",
    type=Whole(0, 1_000_000),
    default=MOST_QUERIES,
    metavar="N",
    help="measure on so many judged queries, evenly chosen; 0 for all",
)
def command(bundle: Path, m: int, ef_construction: int, ef: int, threads: int, queries: int) -> None:
    """Indexes every signal."""
    index(bundle, GraphSpec(m, ef_construction, ef, threads), queries, Terminal())
