"""A data set judged by another set of labels, and how many of these fit it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..bundle.judgements import PADDING, Judgements
from ..bundle.load import Dataset
from ..errors import InputError
from ..types import Labels, Positions
from ..wording import counted
from .drawn import CHOSEN
from .label_sets import LabelSet, answers_of, books_of, in_scale, write_labels


@dataclass(frozen=True, eq=False)
class Relabelled:
    """A data set whose judgements are those of a label set.

    given: labels of the set that fit. changed: pairs that have another label than the published one. added: pairs that
    were unjudged. removed: published pairs that count as unjudged now. gone: labels of queries or products that the
    bundle has no longer. unknown: labels that its scale does not have. unresolved: pairs that
    were judged and have no label: two answers have as many voices, or it cannot be rated.
    """

    dataset: Dataset = field(repr=False)
    given: int = 0
    changed: int = 0
    added: int = 0
    removed: int = 0
    gone: int = 0
    unknown: int = 0
    unresolved: int = 0

    def sentence(self) -> str:
        """What the set changes, and what of it does not fit, for people; "" for the published labels."""
        if not self.dataset.label_set:
            return ""
        told = {
            f"{self.changed:,} of another kind than published": self.changed,
            f"{self.added:,} of unjudged pairs": self.added,
        }
        said = ", ".join([counted(self.given, "label", "labels"), *(text for text, count in told.items() if count)])
        lost = {
            counted(self.removed, "published pair counts", "published pairs count") + " as unjudged": self.removed,
            counted(self.unresolved, "pair has", "pairs have")
            + " no label (a tie, or it cannot be rated)": self.unresolved,
            counted(self.gone, "label is", "labels are") + " of queries or products that are gone": self.gone,
            counted(self.unknown, "label is", "labels are") + " not of this scale": self.unknown,
        }
        whose = [f"pairs {CHOSEN}, or by a list: no interval, p or verdict"] if self.dataset.labels_chosen else []
        return "; ".join([said, *(text for text, count in lost.items() if count), *whose])


def relabelled(
    dataset: Dataset,
    acts: pd.DataFrame,
    labels: LabelSet,
    models: Collection[str] = (),
    by_chance: Collection[str] = (),
) -> Relabelled:
    """The data set as the set's labels judge it. acts, models: see `answers_of`; acts of this bundle alone. by_chance:
    ids of the books whose pairs were drawn so; labels that change something and were given elsewhere are chosen.

    Raises ValueError for a set without a version, which a cache could not know, and InputError for a data set that is
    relabelled already.
    """
    if dataset.label_set:
        raise InputError(
            f"bundle {dataset.name} is judged by {dataset.label_set} already; begin with the published one"
        )
    if not labels:
        return Relabelled(dataset)
    if labels.version is None:
        raise ValueError("labels need a version: see LabelSet.at")
    known = in_scale(acts[acts["seq"] <= labels.version], dataset.scale)
    answers = answers_of(known, labels, models)
    wanted = answers[answers["label"] != ""]
    pairs = _fitting(dataset, wanted)
    judgements = _judged(dataset.judgements, pairs, labels.alone)
    found = dataset.with_labels(judgements, write_labels(labels), _known_labels(dataset, pairs, labels.alone))
    changes = _changes(dataset.judgements, judgements)
    chosen = any(changes.values()) and not books_of(acts, labels, models) <= set(by_chance)
    return Relabelled(
        replace(found, labels_chosen=chosen),
        given=len(pairs.codes),
        gone=pairs.gone,
        unknown=pairs.unknown,
        unresolved=len(answers) - len(wanted),
        **changes,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Labels that fit a bundle, by rows: (P,) each. gone, unknown: how many did not."""

    queries: Positions
    products: Positions
    codes: Labels
    gone: int
    unknown: int


def _fitting(dataset: Dataset, wanted: pd.DataFrame) -> _Pairs:
    queries = pd.Index(dataset.judgements.query_ids).get_indexer(pd.Index(wanted["query_id"]))
    products = pd.Index(dataset.products["product_id"]).get_indexer(pd.Index(wanted["product_id"]))
    places = {name: place for place, name in enumerate(dataset.scale.names)}
    codes = np.array([places.get(label, PADDING) for label in wanted["label"]], dtype=np.int8)
    there = (queries >= 0) & (products >= 0)
    fits = there & (codes != PADDING)
    unknown = int((there & ~fits).sum())
    return _Pairs(queries[fits], products[fits], codes[fits], int((~there).sum()), unknown)


def _judged(published: Judgements, pairs: _Pairs, alone: bool) -> Judgements:
    """The set's labels; beside them, unless they stand alone, the published ones of other pairs."""
    kept = np.zeros_like(published.mask) if alone else published.mask
    queries = np.concatenate([pairs.queries, np.nonzero(kept)[0]])
    rows = np.concatenate([pairs.products, published.rows[kept]])
    codes = np.concatenate([pairs.codes, published.labels[kept]])
    # Of a pair's two labels the first, which is the set's; in the order of queries and rows.
    _, first = np.unique(queries * (int(rows.max(initial=0)) + 1) + rows, return_index=True)
    return Judgements.from_rows(queries[first], rows[first], codes[first], published.query_ids, published.scale)


def _known_labels(dataset: Dataset, pairs: _Pairs, alone: bool) -> Labels | None:
    """Those of every product, as far as the set says otherwise; none where all others count as unjudged."""
    if dataset.known_labels is None or alone:
        return None
    found = np.array(dataset.known_labels)
    found[pairs.queries, pairs.products] = pairs.codes
    found.flags.writeable = False
    return found


def _changes(before: Judgements, after: Judgements) -> dict[str, int]:
    """changed, added and removed pairs."""
    labels = np.where(before.mask, before.labels, np.nan)
    kept = before.laid_out_as(after, labels)[after.mask]
    there = ~np.isnan(kept)
    return {
        "changed": int((kept[there] != after.labels[after.mask][there]).sum()),
        "added": int((~there).sum()),
        "removed": int(before.mask.sum()) - int(there.sum()),
    }
