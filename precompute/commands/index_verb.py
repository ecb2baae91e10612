"""Build an index for each signal of a bundle, and measure what it loses against exact search.

--engine hnsw builds a graph that lies in the bundle: on a GPU where one and cuvs (the extra gpu) are there, with an ef
of at least --ef that its recall asks for, else on the processor; it says which. hnswlib reads both, anywhere.

--engine milvus writes the vectors into a Milvus server: --uri, or SQID_MILVUS_URI, says where (an address, or a path
that ends in .db for Milvus Lite), SQID_MILVUS_TOKEN who asks. Neither is stored. The app searches there where
SQID_MILVUS_URI is set for it too.

Recall@10 and @100 and the loss in NDCG go into the manifest. The app works without an index: it then searches exactly.
Only --threads 1 gives the same bytes on every run."""

from __future__ import annotations

import os
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Several, Whole, bundle_argument, verb
from precompute.steps.index import MOST_QUERIES, index
from precompute.steps.index_graph import DEVICES, GraphSpec
from precompute.steps.index_in_milvus import MilvusSpec, index_in_milvus
from sqid_core.indexes.milvus_collection import MILVUS_TYPES
from sqid_core.indexes.milvus_server import URI, milvus_place

_TYPES = {kind.rpartition("-")[2]: kind for kind in MILVUS_TYPES}


class Threads(Whole):
    """A number of threads, or -1."""

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        return -1 if str(value).strip() == "-1" else super().convert(value, param, ctx)


# hnswlib takes more than 10,000 links for 10,000.
@verb("index", __doc__, "python -m precompute index data/esci --m 24 --ef-construction 130 --ef 64")
@bundle_argument
@click.option("--engine", type=click.Choice(("hnsw", "milvus")), default="hnsw", help="a graph here, or a server")
@click.option("--uri", default="", metavar="URI", help=f"Milvus: where it is, else {URI}", show_default=False)
@click.option("--type", "kind", type=click.Choice([*_TYPES]), default="hnsw", help="Milvus: a graph, or all scored")
@click.option("--signals", type=Several(), metavar="NAME ...", help="Milvus: these alone", show_default=False)
@click.option("--m", type=Whole(2, 10_000), default=24, metavar="N", help="links of a node")
@click.option("--ef-construction", type=Whole(1, 1_000_000), default=130, metavar="N", help="care in building")
@click.option("--ef", type=Whole(1, 1_000_000), default=64, metavar="N", help="care in searching")
@click.option("--device", type=click.Choice(DEVICES), default="auto", help="HNSW: what builds the graph")
@click.option("--threads", type=Threads(1), default=-1, metavar="N", help="-1 for all cores")
@click.option(
    "--queries",
    type=Whole(0, 1_000_000),
    default=MOST_QUERIES,
    metavar="N",
    help="measure on so many judged queries, evenly chosen; 0 for all",
)
def command(
    bundle: Path,
    engine: str,
    uri: str,
    kind: str,
    signals: tuple[str, ...] | None,
    m: int,
    ef_construction: int,
    ef: int,
    device: str,
    threads: int,
    queries: int,
) -> None:
    """Indexes every signal."""
    if engine == "hnsw":
        if uri or signals or kind != "hnsw":
            raise click.UsageError("--uri, --type and --signals belong to --engine milvus")
        index(bundle, GraphSpec(m, ef_construction, ef, threads, device), queries, Terminal())
        return
    if device != "auto":
        raise click.UsageError("--device belongs to --engine hnsw")
    place = milvus_place(os.environ, uri)
    if place is None:
        raise click.UsageError(
            f"--engine milvus needs --uri or {URI}: where the server is, such as http://localhost:19530"
        )
    index_in_milvus(bundle, place, MilvusSpec(_TYPES[kind], m, ef_construction, ef, signals or ()), queries, Terminal())
