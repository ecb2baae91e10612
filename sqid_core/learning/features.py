"""Features of (query, product) pairs: a table of groups, each a function that gives its columns.

No label is read here. Unknown is nan, never 0: a learner must not take what nobody knows for a low value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ..bundle.signals import Signal
from ..errors import InputError
from ..ranking.norms import over_present, z_score
from ..ranking.ranks import ranks
from ..types import Bools, Floats
from . import overlaps
from .slate_texts import SlateTexts
from .slates import Slates

Columns = dict[str, Floats]


@dataclass(frozen=True)
class FeatureGroup:
    """Columns that belong together. about: for people. of: gives them, (P,) each, by name. reads_pictures: whether any
    of them would be gone without pictures. presence: whether they only say what there is of a product."""

    name: str
    about: str
    of: Callable[[SlateTexts], Columns]
    reads_pictures: bool = False
    presence: bool = False


def signal_columns(texts: SlateTexts, name: str) -> Columns:
    """A signal's scores, raw and within the slate: in standard deviations from its mean, as a rank, and as the distance
    to its best. nan where it does not know the product."""
    slates = texts.slates
    scores = slates.padded(slates.scores[name])
    known = np.isfinite(scores)
    columns = {
        "score": scores,
        "z": z_score(scores),
        "rank": np.where(known, ranks(scores), np.nan),
        "behind the best": over_present(np.max, scores, -np.inf) - scores,
    }
    return {f"{name}: {what}": values[slates.mask] for what, values in columns.items()}


def price(texts: SlateTexts) -> Columns:
    """The price, and the logarithm of how often it is the median of the slate; nan without one."""
    slates = texts.slates
    there = "price" in slates.products
    prices = (
        slates.products["price"].to_numpy(dtype=np.float64)[slates.rows] if there else np.full(len(slates.rows), np.nan)
    )
    prices = np.where(prices > 0, prices, np.nan)
    padded = slates.padded(prices)
    median = np.full(len(padded), np.nan)
    some = np.isfinite(padded).any(axis=1)
    median[some] = np.nanmedian(padded[some], axis=1)
    return {"price": prices, "price over the slate's median": np.log(prices / median[slates.queries])}


def fields(texts: SlateTexts) -> Columns:
    """Which fields the product has, and which signals that do not read pictures know it."""
    slates = texts.slates
    columns = {f"has a {name}": _has(slates, name) for name in ("title", "brand", "color", "category", "price")}
    return columns | _known(slates, "text")


def picture(texts: SlateTexts) -> Columns:
    """Whether the product has a picture, and which signals that read pictures know it."""
    return {"has a picture": _has(texts.slates, "image")} | _known(texts.slates, "image")


def _has(slates: Slates, column: str) -> Floats:
    if column not in slates.products:
        return np.zeros(len(slates.rows))
    rows, place = np.unique(slates.rows, return_inverse=True)
    values = slates.products[column].iloc[rows]
    there = (
        values.notna() if column == "price" else values.map(lambda text: isinstance(text, str) and bool(text.strip()))
    )
    return np.asarray(there, dtype=np.float64)[place]


def _known(slates: Slates, modality: str) -> Columns:
    return {
        f"{name} knows it": np.isfinite(slates.scores[name]).astype(np.float64)
        for name, signal in slates.signals.items()
        if signal.modality == modality
    }


GROUPS: dict[str, FeatureGroup] = {
    group.name: group
    for group in (
        FeatureGroup("title", "words and letters that query and title share", overlaps.title),
        FeatureGroup("brand", "whether the query names the product's brand, or another of the slate", overlaps.brand),
        FeatureGroup("colour", "colour words of the query that the product has", overlaps.colour),
        FeatureGroup("numbers", "numbers of the query that the title has", overlaps.numbers),
        FeatureGroup("sizes", "sizes with their unit that query and title share, or differ in", overlaps.sizes),
        FeatureGroup("lengths", "how long query and title are", overlaps.lengths),
        FeatureGroup("category", "whether the product is of the kind that ranks first", overlaps.category),
        FeatureGroup("price", "the price, alone and beside those of the slate", price),
        FeatureGroup("fields", "which fields the product has", fields, presence=True),
        FeatureGroup("picture", "whether it has a picture", picture, reads_pictures=True, presence=True),
    )
}


_OF_SIGNAL = "signal "


def signal_group(signal: Signal) -> FeatureGroup:
    """The group of a signal's scores."""
    about = "its score in the slate: raw, in standard deviations, as a rank, behind the best"
    of = partial(signal_columns, name=signal.name)
    return FeatureGroup(f"{_OF_SIGNAL}{signal.name}", about, of, reads_pictures=signal.modality == "image")


def reads_pictures(group: str, signals: Mapping[str, Signal]) -> bool:
    """Whether a group, of the table or of one of some signals, reads pictures."""
    if group in GROUPS:
        return GROUPS[group].reads_pictures
    signal = signals.get(group.removeprefix(_OF_SIGNAL))
    return signal is not None and signal.modality == "image"


def group_named(name: str, signals: Mapping[str, Signal]) -> FeatureGroup:
    """A group, of the table or of one of some signals, by its name. Raises KeyError for one that is not there."""
    return GROUPS[name] if name in GROUPS else signal_group(signals[name.removeprefix(_OF_SIGNAL)])


def feature_groups(signals: Iterable[Signal], names: Collection[str] | None = None) -> list[FeatureGroup]:
    """A group a signal, and those of the table that are named, all if None. Raises InputError for an unknown one."""
    unknown = [name for name in names or () if name not in GROUPS]
    if unknown:
        raise InputError(f"there are no features {unknown[0]!r}; choose from: {', '.join(GROUPS)}")
    return [*map(signal_group, signals), *(group for group in GROUPS.values() if names is None or group.name in names)]


@dataclass(frozen=True, eq=False)
class Features:
    """names: (F,) of the columns. groups: (F,) of which group each is. values: (P, F), nan where unknown."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: Floats = field(repr=False)

    def of(self, groups: Collection[str]) -> Bools:
        """(F,) which columns belong to some groups."""
        return np.array([group in groups for group in self.groups], dtype=bool)


def features(slates: Slates, groups: Iterable[FeatureGroup]) -> Features:
    """The columns of some groups, in their order."""
    texts = SlateTexts(slates)
    found = {(group.name, name): values for group in groups for name, values in group.of(texts).items()}
    values = np.stack(list(found.values()), axis=1) if found else np.zeros((len(slates.rows), 0))
    return Features(tuple(name for _, name in found), tuple(group for group, _ in found), values)
