"""The Search page's settings and its link: one frozen value, read from an address and written back to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqid_core.fusion import FUSIONS, METHODS, MISSING_IMAGE, NORMS, Fusion

SLATE, CATALOGUE = "slate", "catalogue"
SCOPES = (SLATE, CATALOGUE)
SHOWN = (10, 20, 50, 100)
# A longer text still searches; it only does not fit a link that every browser and server takes.
LONGEST_LINKED_TEXT = 1000
DEFAULT_NORM_OF_MAX = "min-max"


@dataclass(frozen=True)
class Choices:
    """What a bundle offers: the judged queries' ids, its gain tables' names, the query a first visit opens on, and the
    fusion methods its signals allow."""

    query_ids: frozenset[str] = field(repr=False)
    gain_names: tuple[str, ...]
    opening_query: str
    methods: tuple[str, ...] = METHODS


@dataclass(frozen=True)
class SearchSettings:
    """Everything the Search page shows follows from these and the bundle.

    text: the typed query, "" where a judged one is shown. query_id: the judged query, "" where the bundle has none.
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

    @property
    def fusion(self) -> Fusion:
        """The fusion these settings name, coherent by construction."""
        return Fusion(self.method, self.weight, coherent_norm(self.method, self.norm), self.missing)

    @property
    def searches_catalogue(self) -> bool:
        """Whether the whole catalogue is ranked: always for a typed text, which has no slate."""
        return bool(self.text) or not self.query_id or self.scope == CATALOGUE


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
    )


# --- one reader a parameter: its text in the link -> the value, ValueError where it is nonsense ---


def _weight(text: str, _: Choices) -> float:
    weight = float(text)
    if not 0 <= weight <= 1:
        raise ValueError("a weight lies between 0 and 1")
    return round(weight, 2)


def _shown(text: str, _: Choices) -> int:
    return _one_of(SHOWN, int(text))


def _query(text: str, choices: Choices) -> str:
    return _one_of(choices.query_ids, text)


def _gains(text: str, choices: Choices) -> str:
    return _one_of(choices.gain_names, text)


def _one_of(known: Any, value: Any) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is not on offer")
    return value


Reader = Callable[[str, Choices], Any]
# Parameter name in the link -> (field, reader). The order is the link's.
PARAMETERS: dict[str, tuple[str, Reader]] = {
    "q": ("text", lambda text, _: text.strip()),
    "query": ("query_id", _query),
    "w": ("weight", _weight),
    "method": ("method", lambda text, choices: _one_of(choices.methods, text)),
    "norm": ("norm", lambda text, _: _one_of(NORMS, text)),
    "missing": ("missing", lambda text, _: _one_of(MISSING_IMAGE, text)),
    "scope": ("scope", lambda text, _: _one_of(SCOPES, text)),
    "k": ("shown", _shown),
    "gains": ("gains", _gains),
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
    if settings.text:
        settings = replace(settings, query_id="")
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
    return f"{value:.2f}" if isinstance(value, float) else str(value)
