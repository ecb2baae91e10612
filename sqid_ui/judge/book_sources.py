"""Where a book's pairs come from: a table of sources, each with the fields that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sqid_core.analysis.map_area import Area, map_stamps
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import SearchingSignal
from sqid_core.bundle.tables import tie_keys
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import Run
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec, read_run, write_run
from sqid_core.judging import decisive, overturning, pair_lists, pooling, samples, sources
from sqid_core.judging.drawn import Drawn
from sqid_core.ranking.mixes import signal_named
from sqid_core.types import Rows
from sqid_core.wording import short
from sqid_ui.caches.agreed import agreed
from sqid_ui.caches.comparing import comparison
from sqid_ui.caches.label_sets import judged
from sqid_ui.caches.maps import in_area
from sqid_ui.caches.query_sets import query_set
from sqid_ui.caches.slates import first_scores, run_scores
from sqid_ui.settings import session
from sqid_ui.settings.setting import Setting, choice
from sqid_ui.settings.shared import QUERY_SET, area_setting, kept_fusion

Make = Callable[[], Drawn]
_MOST, _MOST_SEARCHED = 20_000, 1_000
_SIDES: Mapping[sources.Side, str] = {"losses": "B’s losses", "wins": "B’s wins", "both": "Both"}


@dataclass(frozen=True)
class Source:
    """One way to come to pairs. fields: draws what it asks for; what it gives draws the pairs. offered: whether a
    bundle has what it takes."""

    label: str
    help: str
    fields: Callable[[Dataset], Make]
    offered: Callable[[Dataset], bool] = lambda _: True


def _random_pairs(dataset: Dataset) -> Make:
    count, by_category, seed = _sample_fields("Pairs", 200)
    return lambda: samples.drawn_pairs(dataset, count, seed, by_category)


def _random_queries(dataset: Dataset) -> Make:
    count, by_category, seed = _sample_fields("Queries", 20)
    return lambda: samples.drawn_queries(dataset, count, seed, by_category)


def _sample_fields(what: str, usual: int) -> tuple[int, bool, int]:
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    count = left.number_input(what, 1, _MOST, usual)
    seed = middle.number_input("Seed", 0, 2**31 - 1, 0, help="Another seed draws others.")
    by_category = right.toggle("Of each category its share", True)
    return int(count), by_category, int(seed)


def _suspects(dataset: Dataset) -> Make:
    most = _most("Labels at most")
    return lambda: sources.suspects(dataset, None, most, first_scores(dataset))


def _disagreement(dataset: Dataset) -> Make:
    most = _most("Pairs at most")
    return lambda: sources.disagreement(dataset, most, scores=first_scores(dataset))


def _most(label: str) -> int:
    return int(st.number_input(label, 1, _MOST, 200))


def _losses(dataset: Dataset) -> Make:
    left, right, third = st.columns(3)
    a, b = _run(dataset, "a", left), _run(dataset, "b", right)
    side = third.selectbox("What", list(_SIDES), format_func=_SIDES.__getitem__)
    queries = int(st.number_input("Queries at most", 1, _MOST, 50, help="Up to four pairs of each."))

    def make() -> Drawn:
        compared = comparison(dataset, a, b, dataset.scale.default_gains)
        return sources.losses_and_wins(dataset, (_ranked(dataset, a), _ranked(dataset, b)), compared, side, queries)

    return make


def _decisive(dataset: Dataset) -> Make:
    ranked = _two(dataset)
    most = _most("Pairs at most")

    def make() -> Drawn:
        found = judged(dataset.name)
        confusion = None if found is None else agreed(dataset, found.store, found.version, found.models).confusion
        return decisive.decisive_pairs(dataset, ranked(), confusion=confusion, most=most)

    return make


def _overturning(dataset: Dataset) -> Make:
    ranked = _two(dataset)

    def make() -> Drawn:
        found = overturning.overturning(dataset, ranked())
        if found is None:
            raise InputError("A and B have equal means, or no labels would turn them around; choose others")
        return overturning.overturning_pairs(dataset, found)

    return make


def _two(dataset: Dataset) -> Callable[[], tuple[Run, Run]]:
    """Fields for A and B; what it gives ranks them."""
    left, right = st.columns(2)
    a, b = _run(dataset, "a", left), _run(dataset, "b", right)
    return lambda: (_ranked(dataset, a), _ranked(dataset, b))


def _run(dataset: Dataset, side: str, where: DeltaGenerator) -> RunSpec:
    """The run A or B: those of this bundle, and the one that another page fills in."""
    asked: RunSpec | None = session.value(side)
    runs = runs_of(dataset)
    if asked is not None and asked.unnamed not in runs.values():
        runs |= {short(asked.title, 60): asked}
    names, specs = list(runs), [spec.unnamed for spec in runs.values()]
    usual = 0 if side == "a" else len(runs_of(dataset)) - 1
    place = usual if asked is None else specs.index(asked.unnamed)
    return runs[where.selectbox(side.upper(), names, index=place)]


def _ranked(dataset: Dataset, spec: RunSpec) -> Run:
    return run_of(dataset, spec, run_scores(dataset, spec))


def runs_of(dataset: Dataset) -> dict[str, RunSpec]:
    """The rankings to choose from, by what they are called: each signal, and the fusion of the other pages."""
    found = {short(name): RunSpec(signal=name) for name in dataset.signals}
    return found | ({"Fused, as on Search": RunSpec(fusion=kept_fusion())} if dataset.can_fuse else {})


def _pooled(dataset: Dataset) -> Make:
    runs = {name: run for name, run in runs_of(dataset).items() if _searches(dataset, run)}
    names = st.multiselect("Rankings", list(runs), list(runs))
    left, right = st.columns(2)
    k = int(left.number_input("First products of each", 1, 100, 10))
    queries = int(right.number_input("Queries, drawn by chance", 1, _MOST_SEARCHED, 50))

    def make() -> Drawn:
        return pooling.pooled(dataset, [runs[name] for name in names], k, _some_queries(dataset, queries))

    return make


def _searches(dataset: Dataset, run: RunSpec) -> bool:
    read = [run.signal] if run.signal else [signal.name for signal in dataset.both_signals]
    return all(isinstance(signal_named(dataset, name), SearchingSignal) for name in read)


def _some_queries(dataset: Dataset, count: int) -> Rows:
    """Rows of judged queries, the same whenever it is asked."""
    judged = np.flatnonzero(dataset.judgements.lengths)
    order = np.argsort(tie_keys(map(str, dataset.judgements.query_ids[judged])), kind="stable")
    return np.sort(judged[order[:count]])


def _set(dataset: Dataset) -> Make:
    spec = session.elsewhere([QUERY_SET])[QUERY_SET.name]
    if not spec:
        st.caption("Choose queries on the page Queries and open one of them: they are the set until you leave it.")

    def make() -> Drawn:
        if not spec:
            raise InputError("no queries are chosen; choose some on the page Queries and open one of them")
        return sources.of_queries(dataset, query_set(dataset, spec))

    return make


def _area(dataset: Dataset) -> Make:
    area: Area | None = session.value("area")
    if area is None:
        st.caption("Draw an area on the map of the page Dataset, and come from there.")

    def make() -> Drawn:
        if area is None:
            raise InputError("no area is chosen; draw one on the map of the page Dataset")
        return sources.of_products(dataset, in_area(dataset, area)[0], f"an area of the map of {area.signal}")

    return make


def _listed(dataset: Dataset) -> Make:
    file = st.file_uploader("CSV with the columns query_id and product_id", type=["csv", "tsv", "txt"])

    def make() -> Drawn:
        if file is None:
            raise InputError("no file was chosen; choose a CSV with the columns query_id and product_id")
        return pair_lists.listed_pairs(dataset, file.getvalue(), file.name)

    return make


def _two_runs(dataset: Dataset) -> bool:
    return len(dataset.signals) + dataset.can_fuse > 1


def _any_searches(dataset: Dataset) -> bool:
    return any(isinstance(signal, SearchingSignal) for signal in dataset.signals.values())


SOURCES: Mapping[str, Source] = {
    "pairs": Source(
        "Random pairs", "Judged pairs drawn by chance: what is found speaks for all of them.", _random_pairs
    ),
    "queries": Source("Random queries", "Queries drawn by chance, with all of their judged pairs.", _random_queries),
    "suspects": Source(
        "Suspect labels",
        "Labels that text and image both contradict, the costliest first.",
        _suspects,
        lambda dataset: dataset.can_fuse,
    ),
    "losses": Source(
        "Losses and wins",
        "Where B loses or wins most against A, what the two place most differently.",
        _losses,
        _two_runs,
    ),
    "decisive": Source(
        "Decisive pairs",
        "Whose label would move B against A most, times how often such a label was wrong.",
        _decisive,
        _two_runs,
    ),
    "overturning": Source(
        "Labels that would overturn a verdict",
        "The few whose change would turn B against A around.",
        _overturning,
        _two_runs,
    ),
    "disagreement": Source(
        "Text against image",
        "Pairs that text and image place most differently.",
        _disagreement,
        lambda dataset: dataset.can_fuse,
    ),
    "pooled": Source(
        "Unjudged products on top",
        "What rankings put first in the whole catalogue and nobody judged.",
        _pooled,
        _any_searches,
    ),
    "set": Source("A set of queries", "All judged pairs of the queries that are chosen on the page Queries.", _set),
    "area": Source(
        "An area of the map",
        "All judged pairs of the products in an area that was drawn on the page Dataset.",
        _area,
        lambda dataset: bool(dataset.manifest.maps),
    ),
    "list": Source("A list of pairs", "A CSV that somebody made elsewhere.", _listed),
}


def offered_sources(dataset: Dataset) -> list[str]:
    """Those that a bundle has what it takes for, by key."""
    return [name for name, source in SOURCES.items() if source.offered(dataset)]


def source_settings(dataset: Dataset) -> tuple[Setting, ...]:
    """What another page may fill in: the source, the two runs that some sources read, and an area of the map."""

    def run(name: str) -> Setting:
        written = lambda spec: "" if spec is None else write_run(spec)  # noqa: E731
        return Setting(name, None, lambda text: read_run(text, dataset), written, of_bundle=True)

    area = area_setting(map_stamps(dataset.manifest))
    return choice("source", offered_sources(dataset)), run("a"), run("b"), area
