"""NDCG of a random order, of each signal and, where both modalities are there, of their fusions.

Each figure is the mean over all judged queries, with a 95 % interval; with --count traffic each query counts by its
weight, where the bundle has them. "best" takes the weight that is best on
these very queries (in-sample); "cross-validated" takes each query's weight from other queries. A weight w is the
image's: fused = (1 - w) text + w image. Without --text and --image the bundle's first signals are fused; each may be a
mix, such as sbert:0.7+bm25:0.3 (z-scores), and --mix seeks the best weights of any number of signals.

On the whole of SQID's test set the published figures are printed beside ours; exit code 1 where they differ by more
than 0.002."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from precompute.commands.terminal import Terminal
from precompute.commands.verb import FILE, bundle_argument, verb
from precompute.report import against_published
from precompute.report.evaluation import Evaluation, table
from precompute.report.method_rows import MEASURED, default_plans, plans
from precompute.steps.baseline import MAX_LOSS, allowed_loss, check, gate, saved
from precompute.steps.baseline import told as gate_told
from precompute.steps.evaluate import evaluate, write_runs
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import METRICS, measure_of
from sqid_core.evaluation.saved import read_evaluation, write_evaluation
from sqid_core.judging.label_sets import PUBLISHED
from sqid_core.store.opening import store_of

_FUSIONS = {name.replace(" ", "-"): name for name in plans()}
_DEFAULT = ",".join(name.replace(" ", "-") for name in default_plans())


@verb("evaluate", __doc__, "python -m precompute evaluate data/esci --json --run-dir runs")
@bundle_argument
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of a table")
@click.option("--gains", metavar="NAME", help="the gain table (default: the bundle's first, for ESCI: paper)")
@click.option("--text", metavar="NAME", help="the text signal to fuse (default: the bundle's first)")
@click.option("--image", metavar="NAME", help="the image signal to fuse (default: the bundle's first)")
@click.option("--fusion", default=_DEFAULT, metavar="A,B", help=f"of {', '.join(_FUSIONS)}; none for none")
@click.option(
    "--measures", default="", metavar="A,B", help=f"tell these too, of {', '.join(METRICS)}; precision@10 cuts at 10"
)
@click.option(
    "--relevant",
    default="",
    metavar="LABEL",
    help="the last label that counts as relevant, for all measures but NDCG (trec_eval's -l; default: the bundle's)",
)
@click.option(
    "--unranked",
    type=click.Choice(("follow", "not-returned")),
    default="follow",
    help="what an imported run does not rank: follows behind (re-ranking), or is not returned and has no gain "
    "(retrieval, as trec_eval measures)",
)
@click.option(
    "--count",
    type=click.Choice(("queries", "traffic")),
    default="queries",
    help="by what means count: each query once, or by its weight (the queries' column `weight`)",
)
@click.option(
    "--labels",
    default="published",
    metavar="SET",
    help="by whose labels: published, majority or adjudicated (of the judges in the app), judge-ID; behind it ~v and a "
    "version, as a link has it, and ~alone where other pairs count as unjudged",
)
@click.option(
    "--mix", default="", metavar="A,B,C", help="also these signals at their best weights: in-sample and cross-validated"
)
@click.option("--run-dir", type=FILE, metavar="D", help="also write TREC qrels and a run file a method")
@click.option("--save", type=FILE, metavar="F", help="keep the settings and every query's values in a file")
@click.option(
    "--baseline",
    type=FILE,
    metavar="F",
    help="a saved file or a bundle: exit 1 where a method has become worse than that, beyond doubt and by more than "
    "--max-loss (the paired 95 % interval lies below it)",
)
@click.option("--max-loss", type=float, help=f"how much may be lost (default: {MAX_LOSS:g})")
@click.option("--metric", metavar="NAME", help="what may be lost (default: ndcg)")
def command(
    bundle: Path,
    as_json: bool,
    gains: str | None,
    text: str | None,
    image: str | None,
    fusion: str,
    measures: str,
    relevant: str,
    unranked: str,
    count: str,
    labels: str,
    mix: str,
    run_dir: Path | None,
    save: Path | None,
    baseline: Path | None,
    max_loss: float | None,
    metric: str | None,
) -> None:
    """Prints the figures; with --run-dir writes the rankings that they are of, with --baseline says what was lost."""
    if baseline is None and (max_loss is not None or metric is not None):
        raise InputError("--max-loss and --metric say what may be lost against a --baseline: name a file or a bundle")
    retrieval = unranked == "not-returned"
    by_traffic = count == "traffic"
    store = None if labels == PUBLISHED.source else store_of(os.environ)
    limit = allowed_loss(max_loss)
    # Before what takes its time.
    before = read_evaluation(baseline) if baseline and not baseline.is_dir() else None
    told = dict.fromkeys([*_measures(measures), *_measures(metric or "")])
    chosen = gains, text, image, _plans(fusion), tuple(told)

    def evaluated(folder: Path) -> Evaluation:
        return evaluate(folder, *chosen, Terminal(), retrieval, by_traffic, labels, store, _names(mix), relevant)

    found = evaluated(bundle)
    lost = None
    if baseline:
        before = before or saved(evaluated(baseline))
        lost = gate(found, before, str(baseline), metric or MEASURED[0], limit)
    if as_json:
        click.echo(json.dumps(found.to_json() | ({"gate": lost.to_json()} if lost else {}), indent=1))
    else:
        click.echo(table(found) + (f"\n\n{gate_told(lost)}" if lost else ""))
    if run_dir:
        write_runs(run_dir, found)
    if save:
        write_evaluation(save, saved(found))
    against_published.check(found.published)
    if lost:
        check(lost)


def _names(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _plans(words: str) -> list[str]:
    names = [word.strip() for word in words.split(",") if word.strip() not in ("", "none")]
    unknown = [name for name in names if name not in _FUSIONS]
    if unknown:
        raise InputError(f"unknown fusion {unknown[0]!r}; choose from: {', '.join(_FUSIONS)}")
    return [_FUSIONS[name] for name in dict.fromkeys(names)]


def _measures(words: str) -> list[str]:
    names = [word.strip() for word in words.split(",") if word.strip() not in ("", *MEASURED)]
    for name in names:
        try:
            measure_of(name)
        except ValueError as error:
            raise InputError(f"{error}; see --measures") from None
    return names
