"""One label a pair, of what several judges said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.own_scales import number_scale
from sqid_core.errors import InputError
from sqid_core.types import Positions
from sqid_core.wording import counted

Judging = Literal["refuse", "mean", "median", "majority", "first", "keep"]
_PAIR = ["query_id", "product_id"]


@dataclass(frozen=True, eq=False)
class OneLabel:
    """pairs: query_id, product_id, label, each pair once. scale: with the grades that a mean made, where it made some.
    said: query_id, product_id, label, judge, all of it where judges are kept apart. notes: what was done."""

    pairs: pd.DataFrame = field(repr=False)
    scale: LabelScale
    said: pd.DataFrame | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


def one_label(said: pd.DataFrame, scale: LabelScale, judging: Judging, own_grades: bool, path: Path) -> OneLabel:
    """said: query_id, product_id, label (of the scale) and perhaps judge, in the file's order.

    own_grades: whether the scale's labels are the file's own numbers, so that a mean may be a grade of its own.
    Raises InputError where a pair has several labels and none was to be chosen.
    """
    codes = {text: scale.code(text) for text in said["label"].unique()}
    coded = said.assign(code=said["label"].map(codes).astype(np.int16))
    numbers = _pair_numbers(coded)
    if judging != "keep" and _are_distinct(numbers):
        return OneLabel(_named(coded, scale), scale)
    if "judge" not in coded:
        again = pd.Series(numbers * len(scale.names) + coded["code"].to_numpy()).duplicated().to_numpy()
        coded = coded[~again].reset_index(drop=True)
        if judging != "keep" and _are_distinct(numbers[~again]):
            return OneLabel(_named(coded, scale), scale)
    # What has few values is packed until here: groups are made of texts.
    coded = coded.astype({name: "str" for name in (*_PAIR, "label", "judge") if name in coded})
    several = coded.groupby(_PAIR, sort=False)["code"].transform("nunique") > 1
    if judging == "refuse" and several.any():
        raise InputError(_refusal(coded[several], scale, path))
    notes = []
    count = int(coded[several].drop_duplicates(_PAIR).shape[0])
    if count:
        notes.append(f"{path}: {counted(count, 'pair has', 'pairs have')} several labels: {_WORDS[judging]}")
    groups = coded.groupby(_PAIR, sort=False)
    if judging == "mean":
        pairs, scale = _means(coded, scale, own_grades)
    else:
        pairs = _CHOICES[judging](groups).reset_index()
        unresolved = pairs["code"].isna()
        if unresolved.any():
            lost = counted(int(unresolved.sum()), "pair has", "pairs have")
            notes.append(f"{path}: {lost} no majority and no label")
        pairs = pairs[~unresolved]
        pairs = pairs.assign(label=[scale.names[int(code)] for code in pairs["code"]])
    kept = None
    if judging == "keep":
        names = [scale.names[code] for code in coded["code"]]
        kept = _with_judges(coded.assign(label=names))
    return OneLabel(pairs[[*_PAIR, "label"]].reset_index(drop=True), scale, kept, tuple(notes))


def _pair_numbers(said: pd.DataFrame) -> Positions:
    """A number a row, the same for the same pair."""
    (queries, _), (products, names) = (pd.factorize(said[column]) for column in _PAIR)
    numbers = queries.astype(np.int64)
    numbers *= len(names)
    numbers += products
    return numbers


def _are_distinct(numbers: Positions) -> bool:
    found = np.sort(numbers)  # a set of so many takes twice the memory
    return not (found[1:] == found[:-1]).any()


def _named(coded: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """The pairs with their labels."""
    return coded[_PAIR].assign(label=pd.Categorical.from_codes(coded["code"].to_numpy(), pd.Index(scale.names)))


_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "mean": "their mean is taken",
        "median": "the median is taken, of two in the middle the less relevant one",
        "majority": "what most judges say is taken",
        "first": "the first one is taken",
        "keep": "all are kept for the Judge page, and the published label is their median",
    }
)


def _majority(groups: pd.api.typing.DataFrameGroupBy) -> pd.Series:
    """nan where two labels have as many voices."""
    votes = groups["code"].value_counts()
    places = votes.groupby(level=[0, 1], sort=False).rank(ascending=False, method="dense")
    most = votes[places == 1].reset_index(level="code")
    alone = ~most.index.duplicated(keep=False)
    return most["code"].astype(float).where(alone).groupby(level=[0, 1], sort=False).first()


def _median(groups: pd.api.typing.DataFrameGroupBy) -> pd.Series:
    """Of an even number the lower of the two in the middle: labels stand best first."""
    return groups["code"].quantile(0.5, interpolation="higher")


_CHOICES: Mapping[str, Callable[[pd.api.typing.DataFrameGroupBy], pd.Series]] = MappingProxyType(
    {
        "refuse": lambda groups: groups["code"].first(),
        "first": lambda groups: groups["code"].first(),
        "majority": _majority,
        "median": _median,
        "keep": _median,
    }
)


def _means(coded: pd.DataFrame, scale: LabelScale, own_grades: bool) -> tuple[pd.DataFrame, LabelScale]:
    """Each pair's mean gain as a grade; on a scale that was given, the label with the nearest gain, or the lower."""
    if own_grades:
        grades = coded.assign(grade=coded["label"].str.replace(",", ".").astype(float))
        means = grades.groupby(_PAIR, sort=False)["grade"].mean().round(4).reset_index()
        names = [f"{mean:.8g}" for mean in means["grade"]]
        return means.assign(label=names), number_scale(names)
    gains = scale.gains()
    means = coded.assign(gain=gains[coded["code"]]).groupby(_PAIR, sort=False)["gain"].mean().reset_index()
    away = np.abs(means["gain"].to_numpy()[:, None] - gains[::-1])
    nearest = len(gains) - 1 - np.argmin(away.round(9), axis=1)
    return means.assign(label=[scale.names[code] for code in nearest]), scale


def _with_judges(coded: pd.DataFrame) -> pd.DataFrame:
    """With a judge a row: "judge 1", "judge 2" in the file's order where it names none. A judge's last word counts."""
    if "judge" not in coded:
        places = coded.groupby(_PAIR, sort=False).cumcount() + 1
        coded = coded.assign(judge=[f"judge {place}" for place in places])
    named = coded.assign(judge=coded["judge"].fillna("").str.strip().replace("", "unknown"))
    return named.drop_duplicates([*_PAIR, "judge"], keep="last")[[*_PAIR, "label", "judge"]].reset_index(drop=True)


def _refusal(several: pd.DataFrame, scale: LabelScale, path: Path) -> str:
    query, product = several.iloc[0][_PAIR]
    ours = several[(several["query_id"] == query) & (several["product_id"] == product)]
    labels = ", ".join(dict.fromkeys(scale.names[code] for code in ours["code"]))
    return (
        f"{path}: query {query[:80]!r} and product {product[:80]!r} are judged twice ({labels}); choose with --judges "
        "mean, median, majority, first or keep"
    )
