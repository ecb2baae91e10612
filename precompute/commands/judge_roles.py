"""Who judges: commands of `judgements` that make a lead and forget a judge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlencode

import click

from precompute.commands.verb import verb
from sqid_core.errors import InputError
from sqid_core.judging.store import Judge
from sqid_core.store.opening import store_of

_LEAD_CODE = """Print a link that makes one judge a lead: once, and within a day.

Whoever opens it in the app makes books, has the last word on a pair, and says who judges. Without a login that is all
there is to prove who may: whoever can run this command on the server."""

_FORGET = """Replace a judge's name and everything that he wrote freely: explanations, notes, and the links of findings.

Labels and tags stay, as those of somebody forgotten. The browser that he judged with becomes a new judge. JUDGE is an
id, as exports and the list of people on the Judge page show it; a name will do where one judge alone has it.
What was exported before keeps what it holds."""


@verb("lead-code", _LEAD_CODE, "python -m precompute judgements lead-code --app https://judging.example.org")
@click.option("--app", default="http://localhost:8501", metavar="URL", help="the app's address, as people open it")
def lead_code(app: str) -> None:
    """Prints the link."""
    code = store_of(os.environ).lead_code()
    print(f"{app.rstrip('/')}/judge?{urlencode({'lead': code})}")
    print("It makes one person a lead, once, and is good for a day.")


@verb("forget", _FORGET, "python -m precompute judgements forget 3f2ac41b09de")
@click.argument("judge", metavar="JUDGE")
def forget(judge: str) -> None:
    """Forgets the judge."""
    store = store_of(os.environ)
    meant = _meant(judge, store.judges())
    store.forget(meant.id)
    print(f"Judge {meant.id} is forgotten: labels and tags stay, without a name, texts and links.")


def _meant(said: str, judges: Mapping[str, Judge]) -> Judge:
    """The judge with this id, or the only one with this name."""
    if said in judges:
        return judges[said]
    named = [judge for judge in judges.values() if judge.name == said]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(judge.id for judge in named)
        raise InputError(f"{len(named)} judges are called {said[:40]!r}; give the id of the one meant: {ids}")
    raise InputError(f"there is no judge {said[:40]!r}; give an id as exports show it, or a name")
