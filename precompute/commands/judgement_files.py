"""Commands of `judgements` that take judgements out, bring them in, and make a bundle of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.steps.apply_labels import apply_labels
from precompute.steps.judgement_files import FILES, USUAL_SET, Asked, export_judgements, import_judgements
from sqid_core.errors import InputError
from sqid_core.store.opening import store_of
from sqid_core.wording import counted

_KINDS = """  jsonl (.jsonl)   every act, the books and the judges: all that the store knows of the bundle
  csv (.csv)       each judge's last word on each pair, with time and explanation
  trec (.qrels)    qrels: a set of labels as whole-number gains, without who gave them
  esci (.parquet)  a set of labels as ESCI's examples"""

_EXPORT = f"""Write what judges said of a bundle into a file. Its ending says the kind:

{_KINDS}

People stand under their ids; --names adds their names. A file that is there is replaced when the new one is whole."""

_IMPORT = f"""Read judgements of a bundle from a file into the store. Its ending says the kind:

{_KINDS}

What is there already is not stored again. qrels and examples are stored as what one judge said. Labels, queries and
products that the bundle does not have are stored too, told, and count once it has them."""

_APPLY = """Make a new bundle whose published labels are those of a set; everything else is copied.

The copy keeps the bundle's name, so what judges said stays with it. `replace` puts it in the place of the old one."""


def _kind_option(function: Callable[..., Any]) -> Callable[..., Any]:
    kinds = click.Choice(tuple(FILES))
    return click.option("--format", "kind", type=kinds, help="of the file, whatever its ending")(function)


def _gains_option(function: Callable[..., Any]) -> Callable[..., Any]:
    told = "trec: the gain table that grades are of (default: the bundle's first)"
    return click.option("--gains", metavar="NAME", help=told)(function)


@verb("export", _EXPORT, "python -m precompute judgements export data/esci judged.csv")
@bundle_argument
@click.argument("file", type=FILE, metavar="FILE")
@_kind_option
@click.option("--labels", metavar="SET", help=f"trec, esci: which labels, as in evaluate (default: {USUAL_SET})")
@_gains_option
@click.option("--names", is_flag=True, help="jsonl, csv: with people's names")
def export_command(
    bundle: Path, file: Path, kind: str | None, labels: str | None, gains: str | None, names: bool
) -> None:
    """Writes the file."""
    _refuse(file, kind, {"--labels": (labels, False), "--names": (names, True)})
    asked = Asked(labels or USUAL_SET, gains, names)
    export_judgements(bundle, file, store_of(os.environ), kind or "", asked, Terminal())


@verb("import", _IMPORT, "python -m precompute judgements import data/esci judged.csv")
@bundle_argument
@click.argument("file", type=FILE, metavar="FILE")
@_kind_option
@click.option("--judge", default="", metavar="NAME", help="who said what the file tells of nobody (default: its name)")
@_gains_option
def import_command(bundle: Path, file: Path, kind: str | None, judge: str, gains: str | None) -> None:
    """Stores what is new."""
    asked = Asked(gains=gains, judge=judge)
    found = import_judgements(bundle, file, store_of(os.environ), kind or "", asked, Terminal())
    click.echo(f"{counted(found.new, 'act is', 'acts are')} new, {counted(found.known, 'was', 'were')} there already")
    if found.changed:
        said = counted(found.changed, "act says", "acts say")
        click.echo(f"{said} something else than the one with its key that is there: changed, not taken")
    for why, count in found.refused.items():
        click.echo(f"{counted(count, 'act is', 'acts are')} not stored: {why}")


@verb("apply", _APPLY, "python -m precompute judgements apply data/esci --labels majority --out data/esci-judged")
@bundle_argument
@click.option("--labels", required=True, metavar="SET", help="which labels, as in evaluate")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="the new bundle")
def apply_command(bundle: Path, labels: str, out: Path) -> None:
    """Writes the new bundle."""
    apply_labels(bundle, out, labels, store_of(os.environ), Terminal())


def _refuse(file: Path, kind: str | None, options: dict[str, tuple[object, bool]]) -> None:
    """Raises InputError for an option that says nothing for this kind of file. options: value, and whether it is about
    files that say who said what."""
    found = kind or next((name for name, each in FILES.items() if file.suffix.lower() in each.endings), "")
    for name, (value, of_judges) in options.items():
        if value and found and FILES[found].of_judges != of_judges:
            holds = "what each judge said" if FILES[found].of_judges else "one set of labels, and nobody's name"
            raise InputError(f"{name} says nothing here: a {found} file holds {holds}")
