"""A bundle judged by a set of labels that somebody names, from the store where the judges' acts are."""

from __future__ import annotations

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.books import drawn_by_chance
from sqid_core.judging.label_sets import PUBLISHED, LabelSet, read_labels
from sqid_core.judging.relabelled import Relabelled, relabelled
from sqid_core.judging.store import Store, models_among
from sqid_core.wording import listed


def named_labels(dataset: Dataset, text: str, store: Store) -> LabelSet:
    """The set, as of now where the text gives no version; `published` says what no text says.

    Raises InputError for a text that is no set, and for a judge who is not there.
    """
    labels = PUBLISHED if text.strip() == PUBLISHED.source else read_labels(text.strip())
    if not labels:
        return labels
    if labels.judge and labels.judge not in store.judges():
        known = listed(sorted(set(store.acts(dataset.name)["judge"])), 200) or "nobody"
        raise InputError(f"there is no judge {labels.judge[:40]!r}; of {dataset.name} judged: {known}")
    return labels.at(store.version(dataset.name))


def judged_by(dataset: Dataset, labels: LabelSet, store: Store) -> Relabelled:
    """The data set as these labels judge it; the published ones ask no store."""
    if not labels:
        return Relabelled(dataset)
    acts = store.acts(dataset.name, until=labels.version)
    by_chance = drawn_by_chance(store.books(dataset.name))
    return relabelled(dataset, acts, labels, models_among(store.judges()), by_chance)


def judge_names(store: Store) -> dict[str, str]:
    """The name of each judge, by id."""
    return {judge.id: judge.name for judge in store.judges().values()}
