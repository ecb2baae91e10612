"""The Search page's settings and its link: one frozen value, read from an address and written back to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from sqid_core.analysis.query_groups import DIFFICULTIES
from sqid_core.ranking.filters import ProductFilter, folded
from sqid_core.ranking.fusion import FUSIONS, METHODS, MISSING_IMAGE, NORMS, Fusion

SLATE, CATALOGUE = "slate", "catalogue"
SCOPES = (SLATE, CATALOGUE)
SHOWN = (10, 20, 50, 100)
# A longer text still searches; it only does not fit a link that every browser and server takes.
LONGEST_LINKED_TEXT = 1000
DEFAULT_NORM_OF_MAX = "min-max"
WITH_PICTURE, WITHOUT_PICTURE = "with", "without"
HIGHEST_RRF_K = 1000
# Between several names in one parameter.
_SEPARATOR, _ESCAPED = "|", "%7C"
_MOST_NAMES = 20


@dataclass(frozen=True)
class Choices:
    """What a bundle offers.

    query_ids: of the judged queries. opening_query: what a first visit opens on. methods: of fusing. product_ids: of
    all products. categories: departments. brands: folded. topics, sources: of the judged queries. text_signals,
    image_signals: names, the bundle's first ones first. apart: the pairs of a text and an image signal whose vectors
    live in different spaces, so that they cannot be averaged.
    """

    query_ids: frozenset[str] = field(repr=False)
    gain_names: tuple[str, ...]
    opening_query: str
    methods: tuple[str, ...] = METHODS
    product_ids: Container[str] = field(default=frozenset(), repr=False, compare=False)
    categories: tuple[str, ...] = ()
    brands: frozenset[str] = field(default=frozenset(), repr=False)
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    text_signals: tuple[str, ...] = ()
    image_signals: tuple[str, ...] = ()
    apart: frozenset[tuple[str, str]] = frozenset()

    def methods_of(self, text_signal: str, image_signal: str) -> tuple[str, ...]:
        """The fusion methods on offer for two signals."""
        apart = (text_signal, image_signal) in self.apart
        return tuple(method for method in self.methods if not (apart and method == "embedding average"))


@dataclass(frozen=True)
class SearchSettings:
    """Everything the Search page shows follows from these and the bundle.

    text: the typed query. query_id: the judged query, "" where something else is asked or the bundle has none. like:
    the product whose picture is searched for. upload: the hash of an uploaded picture, which no link can hold. words:
    the share of the text where a picture is asked too. product: the one whose details are open. topic, source,
    difficulty: which judged queries are offered; "" for all.
    """

    text: str
    query_id: str
    weight: float
    method: str
    norm: str
    missing: str
    scope: str
    shown: int
    gains: str
    like: str = ""
    upload: str = ""
    words: float = 0.5
    rrf_k: int = 60
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

    @property
    def fusion(self) -> Fusion:
        """The fusion these settings name, coherent by construction."""
        return Fusion(self.method, self.weight, coherent_norm(self.method, self.norm), self.missing, self.rrf_k)

    @property
    def filter(self) -> ProductFilter:
        """Which products are shown."""
        picture = {WITH_PICTURE: True, WITHOUT_PICTURE: False}.get(self.picture)
        return ProductFilter(self.categories, self.brands, self.price_from, self.price_to, picture)

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


def coherent_norm(method: str, norm: str) -> str:
    """The norm that `method` runs with: max compares two columns and cannot do without one."""
    return DEFAULT_NORM_OF_MAX if method == "max" and norm == "none" else norm


def norms_of(method: str) -> tuple[str, ...]:
    """The norms on offer for a method."""
    return tuple(norm for norm in NORMS if coherent_norm(method, norm) == norm)


def uses_norm(method: str) -> bool:
    """Whether a norm changes anything for this method."""
    return FUSIONS[method].uses_norm


def default_settings(choices: Choices) -> SearchSettings:
    """What a visit without any parameter sees."""
    fusion = Fusion()
    return SearchSettings(
        text="",
        query_id=choices.opening_query,
        weight=fusion.image_weight,
        method=fusion.method,
        norm=fusion.norm,
        missing=fusion.missing_image,
        scope=SLATE,
        shown=SHOWN[1],
        gains=choices.gain_names[0],
        rrf_k=int(fusion.rrf_k),
        text_signal=next(iter(choices.text_signals), ""),
        image_signal=next(iter(choices.image_signals), ""),
    )


# --- one reader a parameter: its text in the link -> the value, ValueError where it is nonsense ---


def _weight(text: str, _: Choices) -> float:
    weight = float(text)
    if not 0 <= weight <= 1:
        raise ValueError("a weight lies between 0 and 1")
    return round(weight, 2)


def _shown(text: str, _: Choices) -> int:
    return _one_of(SHOWN, int(text))


def _rrf_k(text: str, _: Choices) -> int:
    value = int(text)
    if not 1 <= value <= HIGHEST_RRF_K:
        raise ValueError(f"the constant lies between 1 and {HIGHEST_RRF_K}")
    return value


def _price(text: str, _: Choices) -> float:
    price = float(text)
    if not 0 <= price < math.inf:
        raise ValueError("a price is not below 0")
    return round(price, 2) + 0.0  # -0.0 is no other price than 0


def _names(known: Callable[[Choices], Container[str]], fold: Callable[[str], str] = str) -> Reader:
    """A reader of several names, each of which must be on offer."""

    def read(text: str, choices: Choices) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(parted(text)))
        if len(names) > _MOST_NAMES:
            raise ValueError("too many names")
        return tuple(name for name in names if _one_of(known(choices), fold(name)))

    return read


def joined(names: Iterable[str]) -> str:
    """Several names in one parameter, whatever letters they have."""
    return _SEPARATOR.join(name.replace("%", "%25").replace(_SEPARATOR, _ESCAPED) for name in names)


def parted(text: str) -> list[str]:
    """The names that were joined."""
    return [unquote(part) for part in text.split(_SEPARATOR)]


def _named(known: Callable[[Choices], Container[str]]) -> Reader:
    """A reader of one name, which must be on offer."""
    return lambda text, choices: _one_of(known(choices), text)


def _one_of(known: Any, value: Any) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is not on offer")
    return value


Reader = Callable[[str, Choices], Any]
# Parameter name in the link -> (field, reader). The order is the link's.
PARAMETERS: dict[str, tuple[str, Reader]] = {
    "q": ("text", lambda text, _: text.strip()),
    "query": ("query_id", _named(lambda choices: choices.query_ids)),
    "like": ("like", _named(lambda choices: choices.product_ids)),
    "words": ("words", _weight),
    "w": ("weight", _weight),
    "text": ("text_signal", _named(lambda choices: choices.text_signals)),
    "image": ("image_signal", _named(lambda choices: choices.image_signals)),
    "method": ("method", _named(lambda choices: choices.methods)),
    "norm": ("norm", _named(lambda _: NORMS)),
    "rrf_k": ("rrf_k", _rrf_k),
    "missing": ("missing", _named(lambda _: MISSING_IMAGE)),
    "scope": ("scope", _named(lambda _: SCOPES)),
    "k": ("shown", _shown),
    "gains": ("gains", _named(lambda choices: choices.gain_names)),
    "category": ("categories", _names(lambda choices: choices.categories)),
    "brand": ("brands", _names(lambda choices: choices.brands, folded)),
    "price_from": ("price_from", _price),
    "price_to": ("price_to", _price),
    "picture": ("picture", _named(lambda _: (WITH_PICTURE, WITHOUT_PICTURE))),
    "topic": ("topic", _named(lambda choices: choices.topics)),
    "source": ("source", _named(lambda choices: choices.sources)),
    "difficulty": ("difficulty", _named(lambda _: DIFFICULTIES)),
    "product": ("product", _named(lambda choices: choices.product_ids)),
}


def read_link(parameters: Mapping[str, str], choices: Choices) -> tuple[SearchSettings, tuple[str, ...]]:
    """The settings a link names, and the parameters that were nonsense and fell back to their default.

    Parameters that are not the Search page's own, such as the bundle, are left alone.
    """
    settings, rejected = default_settings(choices), []
    for name, (attribute, reader) in PARAMETERS.items():
        if name not in parameters:
            continue
        try:
            settings = replace(settings, **{attribute: reader(parameters[name], choices)})
        except (ValueError, OverflowError):
            rejected.append(name)
    if settings.text or settings.by_picture:
        settings = replace(settings, query_id="")
    if settings.method not in choices.methods_of(settings.text_signal, settings.image_signal):
        rejected.append("method")
        settings = replace(settings, method=default_settings(choices).method)
    if coherent_norm(settings.method, settings.norm) != settings.norm:
        rejected += ["norm"] if "norm" in parameters else []
        settings = replace(settings, norm=coherent_norm(settings.method, settings.norm))
    return settings, tuple(rejected)


def write_link(settings: SearchSettings, choices: Choices) -> dict[str, str]:
    """The parameters that make `read_link` return these settings; what equals the default is left out."""
    default = default_settings(choices)
    link = {
        name: _written(getattr(settings, attribute))
        for name, (attribute, _) in PARAMETERS.items()
        if getattr(settings, attribute) not in (getattr(default, attribute), "")
    }
    if len(settings.text) > LONGEST_LINKED_TEXT:
        del link["q"]
    return link


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return joined(value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)
