"""What judges' acts say together, kept until the next act."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.judging.against_people import against_people
from sqid_core.judging.agreement import Agreement, alpha, confusion, kappa_table, published_ratings, ratings
from sqid_core.judging.at_work import disagreements, judge_table
from sqid_core.judging.books import Book
from sqid_core.judging.corrected import Corrected, corrected_means, wrong_labels
from sqid_core.judging.label_sets import LabelSet, answers_of, in_scale
from sqid_core.judging.store import Store
from sqid_core.judging.what_it_changes import both_reports, method_changes, order_agreement, query_changes
from sqid_core.store.opening import place_of
from sqid_ui.caches.judging import pairs_of
from sqid_ui.caches.keys import Keyed, cached
from sqid_ui.caches.slates import run_scores


@dataclass(frozen=True, eq=False)
class Agreed:
    """See `agreement.alpha`, `kappa_table`, `confusion`, `judge_table` and `disagreements`; people's alone, but that
    the tables of judges and of kappas have the models too. with_people: by model, see `against_people`."""

    nominal: Agreement
    ordinal: Agreement
    kappas: pd.DataFrame = field(repr=False)
    confusion: pd.DataFrame = field(repr=False)
    judges: pd.DataFrame = field(repr=False)
    disagreements: pd.DataFrame = field(repr=False)
    with_people: dict[str, Agreement]


def agreed(shown: Dataset, store: Store, version: int, models: tuple[str, ...], book: str = "") -> Agreed:
    """Of a bundle's acts up to a version, in one book or ("") in all."""
    return _agreed(shown, Keyed(place_of(os.environ), store), version, models, book)


@cached(max_entries=4, spinner="Measuring how far judges agree")
def _agreed(shown: Dataset, store: Keyed[Store], version: int, models: tuple[str, ...], book: str) -> Agreed:
    acts = store.value.acts(shown.name, until=version, book=book or None)
    rated, scale = ratings(acts, shown.scale), shown.scale
    people = rated[~rated["judge"].isin(models)]
    return Agreed(
        alpha(people, scale, "nominal"),
        alpha(people, scale, "ordinal"),
        kappa_table(rated, scale),
        confusion(people, published_ratings(shown), scale),
        judge_table(acts, scale),
        disagreements(acts, scale, models),
        {model: against_people(acts, model, models, scale) for model in models},
    )


@dataclass(frozen=True, eq=False)
class Changes:
    """See `method_changes`, `order_agreement` and `query_changes`."""

    methods: pd.DataFrame = field(repr=False)
    tau: float
    queries: pd.DataFrame = field(repr=False)


@cached(max_entries=4, spinner="Measuring under both sets of labels")
def changes(before: Dataset, after: Dataset, runs: tuple[RunSpec, ...], gains: str) -> Changes:
    """What the labels of `after` change in some runs."""
    reports = both_reports(before, after, runs, gains)
    methods = method_changes(reports)
    return Changes(methods, order_agreement(methods), query_changes(before, after, reports))


@dataclass(frozen=True, eq=False)
class BookSays:
    """What one book says: of the published labels, and of the methods' means. See `wrong_labels`, `corrected_means`."""

    wrong: Corrected
    means: Corrected


def book_says(
    published: Dataset,
    store: Store,
    labels: LabelSet,
    models: tuple[str, ...],
    book: Book,
    runs: tuple[RunSpec, ...],
    gains: str,
) -> BookSays:
    """labels: whose word counts, with a version."""
    return _book_says(published, Keyed(place_of(os.environ), store), labels, models, book, runs, gains)


@cached(max_entries=4, spinner="Estimating what the book says of the rest")
def _book_says(
    published: Dataset,
    store: Keyed[Store],
    labels: LabelSet,
    models: tuple[str, ...],
    book: Book,
    runs: tuple[RunSpec, ...],
    gains: str,
) -> BookSays:
    acts = in_scale(store.value.acts(published.name, until=labels.version, book=book.id), published.scale)
    pairs = pairs_of(store.value, book.id)

    def answers(said: pd.DataFrame) -> pd.DataFrame:
        return answers_of(said, labels, models)

    ranked = {spec.title: run_of(published, spec, run_scores(published, spec)) for spec in runs}
    return BookSays(
        wrong_labels(published, book, pairs, acts, answers),
        corrected_means(published, book, pairs, acts, answers, ranked, gains),
    )
