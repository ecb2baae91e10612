"""Ask a live search engine for every query of a bundle, and add its rankings as a signal.

The request is a JSON template; {{query}} stands for the query's words (also %SearchText%, %queryText%, #$query##),
{{query_id}} for its id, and "{{top}}" for the number of products. Where the products' ids stand in the answer is a
JSONPath of names, [0] and [*]. Each query is sent by POST; what is worth another try is asked again with growing
pauses, or those that the engine's Retry-After asks for. Answers are kept as they come, with their seconds, in
OUT.answers.jsonl: after an interruption the same command goes on.

A key is read from SQID_ENGINE_KEY alone: user:password, a bearer token, or "ApiKey …"; it is stored nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import click

from precompute.ask.endpoint import checked_address, is_local
from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, MODALITY, Positive, Whole, bundle_argument, verb
from precompute.engine.asking_engine import Address, Engine
from precompute.engine.engine_key import VARIABLE, engine_key_of
from precompute.engine.json_path import json_path
from precompute.engine.request import read_template
from precompute.fetch.retries import Patience
from precompute.steps.run import run_engine
from sqid_core.types import Modality

_EXAMPLE = "give one such as https://search.example.com/products/_search"


@verb(
    "run",
    __doc__,
    "python -m precompute run data/own --endpoint http://localhost:9200/products/_search --request template.json "
    "--ids '$.hits.hits[*]._id' --top 100",
)
@bundle_argument
@click.option("--endpoint", required=True, metavar="URL", help="where each query is sent")
@click.option("--request", required=True, type=FILE, metavar="F", help="the body of a request, with {{query}} in it")
@click.option("--ids", required=True, metavar="JSONPATH", help="where the ids stand in an answer: $.hits.hits[*]._id")
@click.option("--top", type=Whole(1, 10_000), default=100, metavar="K", help="how many products of each answer")
@click.option("--signal", default="engine", metavar="NAME", help="the new signal's name")
@click.option("--modality", default="text", type=MODALITY, help="what the engine reads")
@click.option("--out", type=FILE, metavar="F", help="the run file (default: BUNDLE-NAME.run beside the bundle)")
@click.option("--in-flight", type=Whole(1, 64), default=4, metavar="N", help="queries under way at the same time")
@click.option("--timeout", type=Positive(), default=30.0, metavar="S", help="seconds until an answer is given up")
@click.option("--again", is_flag=True, help="ask for everything anew")
def command(
    bundle: Path,
    endpoint: str,
    request: Path,
    ids: str,
    top: int,
    signal: str,
    modality: Modality,
    out: Path | None,
    in_flight: int,
    timeout: float,
    again: bool,
) -> None:
    """Asks, and adds the signal."""
    key = engine_key_of(os.environ)
    parts = checked_address(endpoint, bool(key), VARIABLE, _EXAMPLE)
    address = Address(parts._replace(fragment=None).url, parts.netloc or "", is_local(parts.host or ""))
    engine = Engine(address, key, read_template(request, top), json_path(ids, "--ids"), timeout, Patience())
    place = out or bundle.resolve().parent / f"{bundle.resolve().name}-{signal}.run"
    run_engine(bundle, engine, place, signal, modality, in_flight, again, Terminal())
    click.echo(f"next: python -m precompute evaluate {bundle} --{modality} {signal}")
