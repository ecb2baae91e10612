"""Which sets of labels a bundle has, and the bundle as one of them judges it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.errors import StoreError
from sqid_core.judging.acts import adjudicated, standing
from sqid_core.judging.books import Book, drawn_by_chance
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import Relabelled, relabelled
from sqid_core.judging.store import Judge, Store, models_among
from sqid_core.store.opening import is_made, place_of
from sqid_ui.caches.judging import judging_store
from sqid_ui.caches.keys import Keyed, cached

# After it failed a database is left alone for so long: every page of every visitor would wait for it.
REST_S = 20.0
T = TypeVar("T")
_failed: dict[str, float] = {}


@dataclass(frozen=True, eq=False)
class Judged:
    """What judges said of a bundle. version: the seq of the last act. pairs: by judge's id, how many pairs have a label
    of this judge's. adjudicated: how many have a lead's."""

    store: Store = field(repr=False)
    version: int
    pairs: Mapping[str, int]
    adjudicated: int
    judges: Mapping[str, Judge] = field(repr=False)
    books: tuple[Book, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Ids of the judges that are models."""
        return models_among(self.judges)


def judged(bundle: str) -> Judged | None:
    """None where nothing was judged, and where no store can be asked: pages that only show labels do without."""
    return reached(lambda store: _judged(store, bundle))


def reached(ask: Callable[[Store], T | None]) -> T | None:
    """What the store answers; None where there is none, where it fails, and for a while after it did."""
    place = _place()
    if not is_made(os.environ):
        return None  # asking would make one
    if time.monotonic() < _failed.get(place, 0.0):
        return None
    try:
        return ask(judging_store())
    except StoreError:
        _failed[place] = time.monotonic() + REST_S
        return None


def _judged(store: Store, bundle: str) -> Judged | None:
    version = store.version(bundle)
    if not version:
        return None
    pairs, last = _counted(Keyed(_place(), store), bundle, version)
    return Judged(store, version, pairs, last, store.judges(), tuple(store.books(bundle)))


def own_words(store: Store, bundle: str, judge: str, query_id: str) -> tuple[dict[str, str], int]:
    """What a judge said last of a query's products, by product, and the number of the judge's last act."""
    acts = acts_now(store, bundle)
    own = acts[acts["judge"] == judge]
    words = standing(own[own["query_id"] == query_id])
    about = words[words["kind"] != "later"]
    said = about["value"].where(about["kind"] == "label", "Unrateable")
    return dict(zip(about["product_id"], said, strict=True)), int(own["number"].max()) if len(own) else 0


def acts_now(store: Store, bundle: str) -> pd.DataFrame:
    """All acts about a bundle."""
    return _acts(Keyed(_place(), store), bundle, store.version(bundle))


@cached(max_entries=2)
def _acts(store: Keyed[Store], bundle: str, version: int) -> pd.DataFrame:
    return store.value.acts(bundle, until=version)


def _place() -> str:
    return place_of(os.environ)


def as_judged(dataset: Dataset, labels: LabelSet, found: Judged) -> Relabelled:
    """The bundle as a set of labels judges it. labels: with a version."""
    by_chance = tuple(sorted(drawn_by_chance(found.books)))
    return _as_judged(dataset, labels, found.models, by_chance, Keyed(_place(), found.store))


@cached(max_entries=4)
def _as_judged(
    dataset: Dataset, labels: LabelSet, models: tuple[str, ...], by_chance: tuple[str, ...], store: Keyed[Store]
) -> Relabelled:
    return relabelled(dataset, store.value.acts(dataset.name, until=labels.version), labels, models, by_chance)


@cached(max_entries=4)
def _counted(store: Keyed[Store], bundle: str, version: int) -> tuple[Mapping[str, int], int]:
    acts = store.value.acts(bundle, until=version)
    said = standing(acts)
    return Counter(said.loc[said["kind"] == "label", "judge"]), len(adjudicated(acts))
