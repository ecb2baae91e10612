"""The Compare page's caches. A run is known by what it is, whatever somebody called it."""

from __future__ import annotations

from sqid_core.bundle.learned_signal import in_sample
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.compared_slates import ComparedSlate, compared_slate
from sqid_core.evaluation.comparisons import RunComparison, compare
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.rank_agreement import kendall_taus, overlaps, rank_biased_overlaps
from sqid_core.evaluation.reports import MetricReport, Run, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec, signal_names
from sqid_core.judging.overturning import Overturned, overturning
from sqid_core.ranking.mixes import signal_named
from sqid_core.types import Floats
from sqid_ui.caches.keys import cached
from sqid_ui.caches.slates import run_scores

# NDCGs of SQID's 8,956 queries are 72 kB; a slate is nothing.
_RUNS, _COMPARISONS, _SLATES = 64, 32, 128


def comparison(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> RunComparison:
    """Both runs on all judged queries."""
    return _comparison(shown, a.unnamed, b.unnamed, gains)


def slate(shown: Dataset, query_id: str, a: RunSpec, b: RunSpec, gains: str) -> ComparedSlate:
    """Both orders of a query's slate, and the swaps between them."""
    return _slate(shown, query_id, a.unnamed, b.unnamed, gains)


def run_ndcg(shown: Dataset, spec: RunSpec, gains: str) -> Floats:
    """(Q,) NDCG of a run on every query, nan where undefined. Raises InputError where the bundle cannot make it."""
    return _report(shown, spec.unnamed, gains).values("ndcg")


def overturned(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> Overturned | None:
    """The labels that would turn the comparison around, see `overturning`."""
    return _overturned(shown, a.unnamed, b.unnamed, gains)


@cached(max_entries=8, spinner="Trying other labels")
def _overturned(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> Overturned | None:
    return overturning(shown, (ranking(shown, a), ranking(shown, b)), gains)


def mean_tau(shown: Dataset, a: RunSpec, b: RunSpec) -> float:
    """How alike both runs order the judged queries' slates: the mean of Kendall's tau, nan where no slate has two."""
    return _mean_tau(shown, a.unnamed, b.unnamed)


@cached(max_entries=_COMPARISONS, spinner="Comparing the runs")
def _mean_tau(shown: Dataset, a: RunSpec, b: RunSpec) -> float:
    return defined_mean(kendall_taus(ranking(shown, a), ranking(shown, b), shown.judgements), shown.traffic)


def mean_overlaps(shown: Dataset, a: RunSpec, b: RunSpec, k: int) -> tuple[float, float]:
    """The means of rank-biased overlap and of the share of the first k products that both have there."""
    return _mean_overlaps(shown, a.unnamed, b.unnamed, k)


@cached(max_entries=_COMPARISONS, spinner="Comparing the runs")
def _mean_overlaps(shown: Dataset, a: RunSpec, b: RunSpec, k: int) -> tuple[float, float]:
    runs = ranking(shown, a), ranking(shown, b)
    found = rank_biased_overlaps(*runs, shown.judgements), overlaps(*runs, shown.judgements, k)
    return defined_mean(found[0], shown.traffic), defined_mean(found[1], shown.traffic)


# 5.6 MB at 8,956 queries.
@cached(max_entries=8)
def ranking(shown: Dataset, spec: RunSpec) -> Run:
    """A run's order of every judged query's slate."""
    return run_of(shown, spec, run_scores(shown, spec))


@cached(max_entries=_RUNS, spinner="Ranking all judged queries")
def _report(shown: Dataset, spec: RunSpec, gains: str) -> MetricReport:
    return evaluate(shown, ranking(shown, spec), gains, ("ndcg",))


@cached(max_entries=_COMPARISONS, spinner="Comparing the runs")
def _comparison(shown: Dataset, a: RunSpec, b: RunSpec, gains: str) -> RunComparison:
    read = (signal_named(shown, name) for spec in (a, b) for name in signal_names(shown, spec))
    return compare(_report(shown, a, gains), _report(shown, b, gains), in_sample=in_sample(*read))


@cached(max_entries=_SLATES)
def _slate(shown: Dataset, query_id: str, a: RunSpec, b: RunSpec, gains: str) -> ComparedSlate:
    scores = run_scores(shown, a), run_scores(shown, b)
    return compared_slate(shown, shown.judgements.row_of(query_id), (a, b), scores, shown.scale.gains(gains))
