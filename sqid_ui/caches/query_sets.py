"""Sets of queries, worked out once for all pages."""

from __future__ import annotations

import pandas as pd

from sqid_core.analysis import query_sets
from sqid_core.analysis.query_sets import QuerySet, SetSpec
from sqid_core.analysis.query_table import RUN_PRESETS, query_table
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import RunSpec, default_pair, read_run
from sqid_core.ranking.fusion import Fusion
from sqid_core.wording import short
from sqid_ui.caches.groups import groups_of, offered_groupings, runs_table, signals_table
from sqid_ui.caches.keys import cached


def query_set(shown: Dataset, spec: SetSpec) -> QuerySet:
    """The set as it is in this bundle. Raises InputError with a sentence where it cannot be."""
    return _query_set(shown, spec)


# 8,956 ids are 600 kB.
@cached(max_entries=64)
def _query_set(shown: Dataset, spec: SetSpec) -> QuerySet:
    if spec.group and spec.by not in offered_groupings(shown):
        raise InputError(f"this bundle’s queries cannot be grouped by {short(spec.by)}")
    groups = groups_of(shown, spec.by) if spec.group else None
    return query_sets.query_set(shown, spec, _table(shown, spec), groups)


def _table(shown: Dataset, spec: SetSpec) -> pd.DataFrame:
    """The table of queries with the columns that a set reads."""
    if not (spec.preset or spec.sort):
        return _facts(shown)
    gains = spec.gains or shown.scale.gain_names[0]
    if gains not in shown.scale.gain_names:
        raise InputError(f"this bundle has no gains {short(gains)}")
    if spec.a or spec.b or spec.preset in RUN_PRESETS:
        pair = default_pair(shown)
        if pair is None:
            raise InputError("this bundle has not two runs to compare")
        a, b = (read_run(text, shown) if text else usual for text, usual in zip((spec.a, spec.b), pair, strict=True))
        return runs_table(shown, a, b, gains)
    run = read_run(spec.run, shown) if spec.run else RunSpec(fusion=Fusion())
    fusion = run.fusion if shown.can_fuse else None
    return signals_table(shown, fusion, gains, spec.reads_curves)


@cached(max_entries=4, any_order=True)
def _facts(shown: Dataset) -> pd.DataFrame:
    return query_table(shown, {})
