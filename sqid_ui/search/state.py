"""The Search page's settings: the table of them, and the frozen value that the page is drawn from."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqid_core.analysis.map_area import Area
from sqid_core.analysis.query_groups import DIFFICULTIES
from sqid_core.ranking.filters import ProductFilter
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS, methods_for
from sqid_core.ranking.mixes import scaled_norm
from sqid_core.wording import folded
from sqid_ui.settings.ends import end_setting, mixes_any
from sqid_ui.settings.setting import Setting, choice, flag, number, of, one_of, picked, some, whole, words
from sqid_ui.settings.shared import area_setting, fusion_of, fusion_settings

PAGE = ""
SLATE, CATALOGUE = "slate", "catalogue"
SCOPES = (SLATE, CATALOGUE)
SHOWN = (10, 20, 50, 100)
# A longer text still searches; it only does not fit a link that every browser and server takes.
LONGEST_LINKED_TEXT = 1000
WITH_PICTURE, WITHOUT_PICTURE = "with", "without"
_MOST_NAMES = 20
# Between the rank and the product that is pulled to it.
_TO = "~"


@dataclass(frozen=True)
class Choices:
    """What a bundle offers.

    query_ids: of the judged queries. opening_query: what a first visit opens on. methods: of fusing. product_ids: of
    all products. categories: departments. brands: folded. topics, sources: of the judged queries. text_signals,
    image_signals: names, the bundle's first ones first. rerankers: signals whose model can be asked. apart: the
    pairs of a text and an image signal whose vectors live in different spaces, so that they cannot be averaged. maps:
    the stamp of each map (`map_stamps`).
    """

    query_ids: frozenset[str] = field(repr=False)
    gain_names: tuple[str, ...]
    opening_query: str
    methods: tuple[str, ...] = field(default_factory=lambda: tuple(METHODS))
    product_ids: Container[str] = field(default=frozenset(), repr=False, compare=False)
    categories: tuple[str, ...] = ()
    brands: frozenset[str] = field(default=frozenset(), repr=False)
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text_signals: tuple[str, ...] = ()
    image_signals: tuple[str, ...] = ()
    rerankers: tuple[str, ...] = ()
    apart: frozenset[tuple[str, str]] = frozenset()
    maps: Mapping[str, str] = field(default_factory=dict, compare=False)

    def methods_of(self, text_signal: str, image_signal: str) -> tuple[str, ...]:
        """The fusion methods on offer for two signals."""
        apart, mixes = (text_signal, image_signal) in self.apart, mixes_any(text_signal, image_signal)
        return tuple(method for method in self.methods if method in methods_for(not (apart or mixes), mixes))


@dataclass(frozen=True)
class SearchSettings:
    """Everything the Search page shows follows from these and the bundle.

    text: the typed query. query_id: the judged query, "" where something else is asked or the bundle has none. like:
    the product whose picture is searched for. upload: the hash of an uploaded picture, which no link can hold. words:
    the share of the text where a picture is asked too. product: the one whose details are open. topic, source,
    difficulty: which judged queries are offered; "" for all. judged_only: whether the catalogue shows judged labels
    alone. pull: a product and the rank that it is pulled to. area: of a map, that shown products lie in. mark: a
    product that the board marks at first. reranker: the signal whose model orders the shown products anew, "" for none.
    """

    text: str
    query_id: str
    fusion: Fusion
    scope: str
    shown: int
    gains: str
    like: str = ""
    upload: str = ""
    words: float = 0.5
    text_signal: str = ""
    image_signal: str = ""
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    price_from: float | None = None
    price_to: float | None = None
    picture: str = ""
    topic: str = ""
    source: str = ""
    difficulty: str = ""
    product: str = ""
    judged_only: bool = False
    pull: tuple[str, int] | None = None
    mark: str = ""
    reranker: str = ""
    area: Area | None = None

    @property
    def filter(self) -> ProductFilter:
        """Which products are shown."""
        picture = {WITH_PICTURE: True, WITHOUT_PICTURE: False}.get(self.picture)
        return ProductFilter(self.categories, self.brands, self.price_from, self.price_to, picture)

    @property
    def narrows(self) -> bool:
        """Whether some products are not to be shown."""
        return bool(self.filter) or self.area is not None

    @property
    def by_picture(self) -> bool:
        """Whether a picture is asked for, with or without words."""
        return bool(self.like or self.upload)

    @property
    def asks(self) -> bool:
        """Whether there is anything to rank for."""
        return bool(self.text or self.query_id or self.by_picture)

    @property
    def searches_catalogue(self) -> bool:
        """Whether the whole catalogue is ranked: always for a typed text or a picture, which have no slate."""
        return bool(self.text) or self.by_picture or not self.query_id or self.scope == CATALOGUE


def settings_of(choices: Choices) -> tuple[Setting, ...]:
    """Every setting of the page, in the link's order. A picture of one's own is in no link."""
    here: dict[str, Any] = {"of_bundle": True}
    asked = of(
        "search",
        replace(words("text", LONGEST_LINKED_TEXT, parameter="q"), read=str.strip),
        picked("query_id", choices.query_ids, choices.opening_query, parameter="query", **here),
        picked("like", choices.product_ids, **here),
        Setting("upload", "", parameter=""),
        number("words", 0.0, 1.0, 0.5),
        end_setting("text_signal", choices.text_signals, parameter="text", **here),
        end_setting("image_signal", choices.image_signals, parameter="image", **here),
    )
    shown = of(
        "search",
        choice("scope", SCOPES),
        whole("shown", SHOWN, SHOWN[1], parameter="k"),
        some("categories", choices.categories, most=_MOST_NAMES, parameter="category", **here),
        some("brands", choices.brands, folded, _MOST_NAMES, parameter="brand", **here),
        number("price_from", 0.0, math.inf, None),
        number("price_to", 0.0, math.inf, None),
        picked("picture", (WITH_PICTURE, WITHOUT_PICTURE)),
        area_setting(choices.maps),
        picked("topic", choices.topics, **here),
        picked("source", choices.sources, **here),
        picked("difficulty", DIFFICULTIES),
        picked("product", choices.product_ids, **here),
        flag("judged_only"),
        picked("reranker", choices.rerankers, parameter="rerank", **here),
        Setting("pull", None, lambda text: read_pull(text, choices.product_ids), write_pull, **here),
        picked("mark", choices.product_ids, **here),
    )
    return *asked, *fusion_settings(choices.methods), choice("gains", choices.gain_names), *shown


def read_pull(text: str, product_ids: Container[str]) -> tuple[str, int]:
    """The product and the rank of `RANK~PRODUCT`. Raises ValueError."""
    rank, _, product_id = text.partition(_TO)
    if not (rank.isascii() and rank.isdigit() and int(rank) > 0):
        raise ValueError(f"{rank!r} is no rank")
    return one_of(product_ids, product_id), int(rank)


def write_pull(pull: tuple[str, int] | None) -> str:
    """The way back."""
    return "" if pull is None else f"{pull[1]}{_TO}{pull[0]}"


def coherent(values: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    """Values that go together: a text or a picture leaves no judged query open, and a method runs on its signals."""
    asks = values["text"] or values["like"] or values["upload"]
    query_id = "" if asks else values["query_id"]
    ends = values["text_signal"], values["image_signal"]
    method = values["method"] if values["method"] in choices.methods_of(*ends) else Fusion().method
    norm = scaled_norm(method, values["norm"], *ends)
    return {**values, "query_id": query_id, "method": method, "norm": norm}


def search_settings(values: Mapping[str, Any]) -> SearchSettings:
    """What the page is drawn from. values: of its settings, by name."""
    own = {name: values[name] for name in SearchSettings.__dataclass_fields__ if name != "fusion"}
    return SearchSettings(fusion=fusion_of(values), **own)
