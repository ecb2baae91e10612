"""Whose labels count: the published ones, those that the judges gave together, the lead's, or one judge's.

In text, as a link holds it, a set is its source, the store's number up to which acts count, and what becomes of pairs
outside it; "" is the published labels:

    majority~v120     adjudicated~v120~alone     judge-5f3a9c~v120

There is one way to write a set, and no other is read. One's own set is written as a judge's, so that whoever opens the
link sees the same labels.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args
from urllib.parse import quote, unquote

import pandas as pd

from ..bundle.labels import LabelScale
from ..errors import InputError
from ..evaluation.run_specs import tidy_name
from ..wording import short
from .acts import LONGEST_ID, adjudicated, standing

Source = Literal["published", "majority", "adjudicated", "judge"]
SOURCES: tuple[Source, ...] = get_args(Source)
_ALONE = "alone"
_FORM = re.compile(rf"(majority|adjudicated|judge)(?:-([^~]+))?(?:~v(0|[1-9][0-9]{{0,17}}))?(~{_ALONE})?")
# A judge's id, quoted, and the words around it.
LONGEST_SET = 4 * LONGEST_ID
LABELS = ("query_id", "product_id", "label")


@dataclass(frozen=True)
class LabelSet:
    """A set of labels. Hashable: cache key, link state and value of a setting at once.

    judge: the id of the judge, a person or a model, whose labels these are, where source is "judge". version: the seq
    of the last act that counts, so that the set stays what it is; None for whatever is there, until `at` says. alone:
    pairs outside the set count as unjudged, instead of keeping the published label.
    """

    source: Source = "published"
    judge: str = ""
    version: int | None = None
    alone: bool = False

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"labels are {', '.join(SOURCES)}, got {str(self.source)[:40]!r}")
        if bool(self.judge) != (self.source == "judge") or len(self.judge) > LONGEST_ID:
            raise ValueError(f"a judge's labels need the judge's id, and no other do, got {self.judge[:40]!r}")
        if self.version is not None and not 0 <= self.version < 10**18:
            raise ValueError(f"a version is a whole number from 0 on, got {self.version}")
        if self.source == "published" and (self.alone or self.version is not None):
            raise ValueError("the published labels have no version, and nothing is outside them")

    def __bool__(self) -> bool:
        """Whether it is another set than the published one."""
        return self.source != "published"

    def at(self, version: int) -> LabelSet:
        """The same set as of a store's number, where it says none itself."""
        return self if not self or self.version is not None else replace(self, version=version)

    def words(self, names: Mapping[str, str] | None = None) -> str:
        """What a caption calls it. names: of judges, by id."""
        if not self:
            return "published labels"
        whose = {
            "majority": "labels of most judges",
            "adjudicated": "adjudicated labels",
            "judge": f"labels of {short(tidy_name((names or {}).get(self.judge, '')) or self.judge)}",
        }[self.source]
        until = "" if self.version is None else f" up to act {self.version:,}"
        return f"{whose}{until}, {'others unjudged' if self.alone else 'others as published'}"


PUBLISHED = LabelSet()


# --- the text form ---


def write_labels(labels: LabelSet) -> str:
    """The set in text, which `read_labels` turns back into an equal one; "" for the published labels."""
    if not labels:
        return ""
    source = f"judge-{quote(labels.judge, safe='').replace('~', '%7E')}" if labels.judge else labels.source
    version = [] if labels.version is None else [f"v{labels.version}"]
    return "~".join([source, *version, *([_ALONE] if labels.alone else [])])


def read_labels(text: str) -> LabelSet:
    """The set that `write_labels` wrote. Raises InputError for any other text."""
    found = _parsed(text) if text else PUBLISHED
    if found is None:
        raise InputError(
            f"{short(text)!r} is no set of labels; expected majority, adjudicated or judge-ID, and behind it ~v and a "
            f"version, and ~{_ALONE} where other pairs count as unjudged"
        )
    return found


def _parsed(text: str) -> LabelSet | None:
    parts = _FORM.fullmatch(text) if len(text) <= LONGEST_SET else None
    if parts is None:
        return None
    source: Source = next(each for each in SOURCES if each == parts[1])
    version = None if parts[3] is None else int(parts[3])
    try:
        found = LabelSet(source, unquote(parts[2] or "", errors="strict"), version, parts[4] is not None)
        return found if write_labels(found) == text else None
    except ValueError:  # among them what has no UTF-8
        return None


# --- which labels it holds ---


def labels_of(acts: pd.DataFrame, labels: LabelSet, models: Collection[str] = ()) -> pd.DataFrame:
    """The set's labels, a row a pair: query_id, product_id, label (as it was said), by query and product.

    See `answers_of`; pairs without a label are left out. Of the published set there are none: it is the bundle's.
    """
    found = answers_of(acts, labels, models)
    return found[found["label"] != ""].reset_index(drop=True)


def answers_of(acts: pd.DataFrame, labels: LabelSet, models: Collection[str] = ()) -> pd.DataFrame:
    """The same with the pairs that were judged and have no label, as "".

    acts: columns of `acts.COLUMNS`; those after the set's version do not count. models: ids of the judges who have no
    vote in a majority.

    A judge's: the last word on each pair; "" where it cannot be rated. Most judges': the label that more judges gave
    last than any other; that a pair cannot be rated is an answer like a label, and where it has most voices, or two
    answers have as many, the pair is unresolved. Adjudicated: the leads' last word, and where they said none what most
    judges say.
    """
    if not labels:
        return pd.DataFrame(columns=LABELS, dtype=object)
    said, last = _counting(acts, labels, models)
    if labels.source == "judge":
        return _answers(said)
    most = majority(said)
    if labels.source == "majority":
        return most
    both = pd.concat([_answers(last), most]).drop_duplicates(["query_id", "product_id"], keep="first")
    return both.sort_values(["query_id", "product_id"], ignore_index=True)


def books_of(acts: pd.DataFrame, labels: LabelSet, models: Collection[str] = ()) -> frozenset[str]:
    """The books in which the set's labels were given, "" for none. See `answers_of`."""
    return (
        frozenset(book for each in _counting(acts, labels, models) for book in each["book"]) if labels else frozenset()
    )


def _counting(acts: pd.DataFrame, labels: LabelSet, models: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The judges' last words that count in a set, and the leads'."""
    known = acts if labels.version is None else acts[acts["seq"] <= labels.version]
    said = standing(known)
    said = said[said["kind"].isin(("label", "unrateable"))]
    mine = said["judge"] == labels.judge if labels.source == "judge" else ~said["judge"].isin(list(models))
    return said[mine], adjudicated(known) if labels.source == "adjudicated" else known[:0]


def majority(said: pd.DataFrame) -> pd.DataFrame:
    """query_id, product_id, label: what most judges answered on each pair, "" where that is no label or not one.

    said: rows of `acts.standing` that are a label or "unrateable".
    """
    counts = _answers(said).groupby(list(LABELS)).size().rename("votes").reset_index()
    highest = counts.groupby(["query_id", "product_id"])["votes"].transform("max")
    most = counts[counts["votes"] == highest]
    tied = most.duplicated(["query_id", "product_id"], keep=False)
    found = most.assign(label=most["label"].where(~tied, "")).drop_duplicates(["query_id", "product_id"])
    return found[list(LABELS)].reset_index(drop=True)


def _answers(said: pd.DataFrame) -> pd.DataFrame:
    """What was said of each pair, by query and product; "" for what is no label."""
    answer = said["value"].where(said["kind"] != "unrateable", "").str.strip()
    found = said.assign(label=answer)[list(LABELS)].astype(object)
    return found.sort_values(["query_id", "product_id"], ignore_index=True)


def in_scale(acts: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """The acts with every label under its name in the scale, so that E and exact are one; others stay as they are."""
    labels = acts["kind"].isin(("label", "adjudicate"))
    names = {text: _name(text, scale) for text in acts.loc[labels, "value"].unique()}
    return acts.assign(value=acts["value"].where(~labels, acts["value"].map(lambda text: names.get(text, text))))


def _name(text: str, scale: LabelScale) -> str:
    try:
        return scale.names[scale.code(text)] if text.strip() else ""
    except InputError:
        return text
