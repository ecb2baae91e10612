"""What judges do, one act after another. Nothing is overwritten: what stands now is computed from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError

Kind = Literal["label", "unrateable", "later", "explanation", "tag", "note", "undo", "adjudicate"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Of a pair, each replaces the one before; and those whose value somebody wrote freely.
RATINGS: tuple[Kind, ...] = ("label", "unrateable", "later")
FREE_TEXTS: tuple[Kind, ...] = ("explanation", "note")
LONGEST_VALUE = 20_000
LONGEST_ID = 500
LONGEST_KEY = 80
LONGEST_LINK = 4_000


@dataclass(frozen=True)
class Act:
    """One act, as the judge's browser (or a model's run, or a file) sends it.

    key: chosen by the sender, one a deed: what comes twice is stored once. number: counts the judge's acts, so that
    their order does not depend on clocks or networks. product_id: "" where the act is about the whole query. value: the
    label's name, the tag, the text, or the key of the act that is undone; "" for unrateable and later. book: "" outside
    a book. link: the address of the state in which a finding was made. seconds: how long the judge looked, nan if
    unknown. showing: 2 where the pair is shown for the second time, to see whether the judge says the same.
    """

    key: str
    kind: Kind
    number: int
    query_id: str
    product_id: str = ""
    value: str = ""
    book: str = ""
    link: str = ""
    seconds: float = float("nan")
    showing: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"an act is one of {', '.join(KINDS)}, got {str(self.kind)[:40]!r}")
        if not 0 < len(self.key) <= LONGEST_KEY:
            raise InputError(f"an act's key has 1 to {LONGEST_KEY} letters, got {len(self.key)}")
        if not 0 < self.number < 2**53 or self.showing not in (1, 2):
            raise InputError(f"acts are counted from 1 and shown once or twice, got {self.number}, {self.showing}")
        limits = {"query_id": LONGEST_ID, "product_id": LONGEST_ID, "value": LONGEST_VALUE, "link": LONGEST_LINK}
        for name, longest in limits.items():
            if len(getattr(self, name)) > longest:
                raise InputError(f"an act's {name} has at most {longest:,} letters, got {len(getattr(self, name)):,}")
        if not self.query_id:
            raise InputError("an act is about a query, got none")


# What `standing` reads of acts, and what pages show of last words.
WORDS = ("seq", "judge", "number", "key", "kind", "query_id", "product_id", "value", "seconds", "showing")

# One row an act, as `Store.acts` gives them, in the order in which they were stored. seq: 1, 2, 3, … in the whole
# store, without a gap that could be filled later. time: UTC, shown and never compared.
COLUMNS: Mapping[str, npt.DTypeLike] = {
    "seq": np.int64,
    "time": "datetime64[us, UTC]",
    "judge": object,
    "number": np.int64,
    "key": object,
    "kind": object,
    "bundle": object,
    "fingerprint": object,
    "book": object,
    "query_id": object,
    "product_id": object,
    "value": object,
    "link": object,
    "seconds": np.float64,
    "showing": np.int8,
}


def live(acts: pd.DataFrame) -> pd.DataFrame:
    """The acts that nobody took back, undo itself left out. A judge takes back his own acts only, an undo included.

    acts: columns of `COLUMNS`. Of one judge the order is that of his numbers, then that of the store.
    """
    is_undo = acts["kind"] == "undo"
    undone = _undone(acts[is_undo])
    kept = acts[~is_undo]
    if not undone:
        return kept
    # Few are undone, and of many acts a look at each is long.
    maybe = np.flatnonzero(kept["key"].isin({key for _, key in undone}))
    own = zip(kept["judge"].iloc[maybe], kept["key"].iloc[maybe], strict=True)
    stays = np.ones(len(kept), dtype=bool)
    stays[maybe] = [act not in undone for act in own]
    return kept[stays]


def _undone(undos: pd.DataFrame) -> set[tuple[str, str]]:
    """(judge, key) of what is taken back. From the last to the first: a taken back undo counts for nothing."""
    taken: set[tuple[str, str]] = set()
    for judge, key, value in _in_order(undos)[["judge", "key", "value"]].iloc[::-1].itertuples(index=False):
        if (judge, key) not in taken:
            taken.add((judge, value))
    return taken


def standing(acts: pd.DataFrame) -> pd.DataFrame:
    """Each judge's last word on each pair: rows of `acts` that are a label, "unrateable" or "later"."""
    kept = live(acts)
    rated = _in_order(kept[kept["kind"].isin(RATINGS)])
    return rated.drop_duplicates(["judge", "query_id", "product_id"], keep="last").sort_values("seq")


def adjudicated(acts: pd.DataFrame) -> pd.DataFrame:
    """The leads' last word on each pair, whoever of them said it."""
    kept = live(acts)
    said = kept[kept["kind"] == "adjudicate"].sort_values("seq")
    return said.drop_duplicates(["query_id", "product_id"], keep="last")


def _in_order(acts: pd.DataFrame) -> pd.DataFrame:
    """Each judge's acts in his own order. Whose stand first tells nothing, and sorting by texts takes long."""
    return acts.iloc[np.lexsort([acts["seq"], acts["number"]])]
