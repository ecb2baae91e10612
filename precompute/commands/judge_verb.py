"""Have a model judge the pairs of a book: any endpoint that speaks OpenAI's chat/completions, in a house's own network
too. Its answers are stored as those of a judge of kind model, beside those of people; never as people's.

The key is read from the environment variable SQID_JUDGE_KEY, and neither stored, printed nor sent anywhere but to the
endpoint; over plain http it is sent to this machine alone. The prompt holds the book's guidelines and the labels;
titles and descriptions are data in a message of their own, and only an answer with a label of the scale counts. A
prompt of your own (--prompt) is a text file with a line [user] and the places {{labels}}, {{guidelines}}, {{answer}}
above or below it, {{query}} and {{product}} below it.

Each answer is stored as it comes. What was judged by this model, at this endpoint, with this prompt and these
guidelines, is not asked for again: after an interruption the same command goes on. --budget is not exceeded: what is
under way counts at the most that it can cost (a token a byte, 9,000 a picture), silence as if it had been charged."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

from precompute.ask.chat import Chat, Manner
from precompute.ask.endpoint import endpoint_of
from precompute.ask.endpoint_key import key_of
from precompute.ask.prompt import DEFAULT, read_template
from precompute.ask.spending import Prices, Purse
from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, Positive, Whole, bundle_argument, verb
from precompute.fetch.retries import Patience
from precompute.report.model_judge import report_lines, spending_words
from precompute.steps.judge import Estimate, Wish, Work, estimated, first_prompt, judge, prepared
from sqid_core.store.opening import store_of
from sqid_core.wording import counted, short


class _NotBelowZero(click.ParamType):
    name = "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(click.FLOAT.convert(value, param, ctx))
        if not 0 <= number < math.inf:
            raise click.UsageError(f"{param.opts[0] if param else 'it'} must be 0 or more, got {value}")
        return number


@verb(
    "judge",
    __doc__,
    "python -m precompute judge data/sqid --book Lamps --endpoint http://localhost:8000/v1 --model qwen3-vl --pictures",
)
@bundle_argument
@click.option("--book", required=True, metavar="B", help="the book, by its name or id")
@click.option("--endpoint", required=True, metavar="URL", help="such as https://api.openai.com/v1")
@click.option("--model", required=True, metavar="M", help="what the endpoint calls the model")
@click.option(
    "--prompt", type=FILE, default=DEFAULT, show_default="built in", metavar="FILE", help="a prompt of your own"
)
@click.option("--pictures", is_flag=True, help="show the stored pictures too, of at most 512 pixels a side")
@click.option("--in-flight", type=Whole(1, 64), default=4, metavar="N", help="questions under way at the same time")
@click.option("--most", type=Whole(1), metavar="N", help="judge so many pairs and no more")
@click.option("--max-tokens", type=Whole(16, 100_000), default=1000, metavar="N", help="of an answer")
@click.option("--temperature", type=_NotBelowZero(), metavar="X", help="leave it to the endpoint if not given")
@click.option("--timeout", type=Positive(), default=120.0, metavar="S", help="seconds until silence is a failure")
@click.option("--price-in", type=_NotBelowZero(), default=0.0, metavar="X", help="of a million tokens of questions")
@click.option("--price-out", type=_NotBelowZero(), default=0.0, metavar="X", help="of a million tokens of answers")
@click.option("--budget", type=Positive(), metavar="X", help="what this run may cost, in the money of the prices")
@click.option("--dry-run", is_flag=True, help="print one prompt and what all would cost; ask and store nothing")
def command(
    bundle: Path,
    book: str,
    endpoint: str,
    model: str,
    prompt: Path,
    pictures: bool,
    in_flight: int,
    most: int | None,
    max_tokens: int,
    temperature: float | None,
    timeout: float,
    price_in: float,
    price_out: float,
    budget: float | None,
    dry_run: bool,
) -> None:
    """Judges, or shows what would be asked."""
    prices = Prices(price_in, price_out)
    if budget is not None and prices == Prices():
        raise click.UsageError("--budget needs --price-in and --price-out, or it would never be reached")
    if not model.strip():
        raise click.UsageError("--model is empty; give the name by which the endpoint knows the model")
    key, store = key_of(os.environ), store_of(os.environ)
    manner = Manner(model, max_tokens, temperature, timeout)
    wish = Wish(book, endpoint_of(endpoint, key), manner, read_template(prompt), pictures, most)
    work = prepared(bundle, store, wish)
    if dry_run:
        click.echo(first_prompt(work))
        click.echo(f"\n{_estimate(estimated(work, max_tokens), prices)}")
        return
    click.echo(_beginning(work))
    chat = Chat(wish.endpoint, key, manner, Purse(prices, budget), Patience())
    report = judge(work, store, chat, in_flight, Terminal())
    for sentence in report_lines(report, prices):
        click.echo(sentence)
    report.require()


def _beginning(work: Work) -> str:
    """What is about to happen, and what is left out."""
    pairs = f"{counted(len(work.todo), 'pair', 'pairs')} of the book {short(work.book.name)} to judge"
    before = f", {work.before:,} judged before" if work.before else ""
    gone = f", {work.gone:,} left out, which the bundle has no longer" if work.gone else ""
    unseen = f", {work.unseen:,} without a stored picture: by their texts alone" if work.unseen else ""
    return f"{pairs}{before}{gone}{unseen}"


def _estimate(found: Estimate, prices: Prices) -> str:
    usual, most = (spending_words(tokens, prices) for tokens in (found.usual, found.most))
    return f"{counted(found.pairs, 'pair', 'pairs')}: about {usual}; at the most {most}"
