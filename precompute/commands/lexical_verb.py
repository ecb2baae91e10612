"""Index the words of a bundle's products for BM25: adds a text signal that needs no model.

Ranks by the words that query and product share: rare ones count more, another occurrence counts less, long texts count
less. Scores any product for any typed text too. Texts are read in small letters, words of one letter are left out. A
query that holds no word of any product is not ranked by it. Needs the extra `rankers`; reading the bundle does not."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import Several, bundle_argument, verb
from precompute.steps.lexical import index_words


@verb("lexical", __doc__, "python -m precompute lexical data/esci --signal bm25 --fields title brand")
@bundle_argument
@click.option("--signal", required=True, metavar="NAME", help="the new signal's name, such as bm25")
@click.option("--fields", default="title", type=Several(), metavar="A B", help="product columns to join")
@click.option("--k1", default=1.5, help="how soon another occurrence of a word adds nothing, from 0")
@click.option("--b", default=0.75, help="how much a long text counts less, 0 to 1")
@click.option("--stopwords", default="english", metavar="L", help="words to leave out: a language, or none")
@click.option("--stemmer", default="none", metavar="L", help="a Snowball stemmer, such as english, or none")
def command(
    bundle: Path, signal: str, fields: tuple[str, ...], k1: float, b: float, stopwords: str, stemmer: str
) -> None:
    """Adds the signal."""
    index_words(bundle, signal, fields, k1, b, stopwords, stemmer, Terminal())
    click.echo(f"next: python -m precompute evaluate {bundle} --text {signal}")
