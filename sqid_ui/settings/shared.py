"""The settings that pages share: how two rankings are fused, what a label is worth, and the set that is walked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqid_core.analysis.map_area import LONGEST_AREA, Area, read_area, write_area
from sqid_core.analysis.query_sets import LONGEST_SET, SetSpec, read_set, write_set
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS
from sqid_ui.settings import session
from sqid_ui.settings.setting import Setting, choice, number, whole

HIGHEST_RRF_K = 1000
# By what means count, where the queries have weights.
COUNTS = {"queries": "Per query", "traffic": "Per unit of traffic"}
_USUAL = Fusion()
# The set of queries that is walked: a definition, or a list of one bundle.
QUERY_SET = Setting("set", SetSpec(), read_set, write_set, of_bundle=True, longest=LONGEST_SET)


def area_setting(stamps: Mapping[str, str]) -> Setting:
    """The area of a map that was drawn, None for none. stamps: of the bundle's maps (`map_stamps`)."""

    def read(text: str) -> Area:
        area = read_area(text)
        if stamps.get(area.signal) != area.stamp:
            raise InputError(f"this area was drawn on another map of {area.signal}")
        return area

    return Setting("area", None, read, write_area, of_bundle=True, longest=LONGEST_AREA)


def fusion_settings(methods: Sequence[str]) -> tuple[Setting, ...]:
    """Weight, method, norm, constant of reciprocal ranks, and what stands for a missing picture."""
    return (
        number("w", 0.0, 1.0, _USUAL.image_weight),
        choice("method", methods, _USUAL.method),
        choice("norm", tuple(NORMS), _USUAL.norm),
        whole("rrf_k", range(1, HIGHEST_RRF_K + 1), int(_USUAL.rrf_k)),
        choice("missing", tuple(MISSING_IMAGE), _USUAL.missing_image),
    )


def count_settings(dataset: Dataset) -> tuple[Setting, ...]:
    """By what means count; none where the bundle does not say how often its queries are asked."""
    return () if dataset.weights is None else (choice("count", tuple(COUNTS)),)


def counted(dataset: Dataset) -> Dataset:
    """The data set, read as the page's setting says."""
    asked = dataset.weights is not None and session.value("count") == "traffic"
    return dataset.as_traffic() if asked else dataset


def coherent_fusion(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a page of which method and norm go together."""
    if "method" not in values:
        return {**values}
    return {**values, "norm": METHODS[values["method"]].coherent_norm(values["norm"])}


def fusion_of(values: Mapping[str, Any]) -> Fusion:
    """The fusion that such values name, without a norm that its method cannot run with."""
    norm = METHODS[values["method"]].coherent_norm(values["norm"])
    return Fusion(values["method"], values["w"], norm, values["missing"], float(values["rrf_k"]))


def kept_fusion(methods: Sequence[str] | None = None) -> Fusion:
    """The fusion of the other pages. methods: on offer, all if None."""
    return fusion_of(session.elsewhere(fusion_settings(tuple(METHODS) if methods is None else methods)))


def fusion_link(fusion: Fusion) -> dict[str, str]:
    """The parameters that give another page a fusion."""
    values = {"w": fusion.image_weight, "method": fusion.method, "norm": fusion.norm, "missing": fusion.missing_image}
    values |= {"rrf_k": int(fusion.rrf_k)}
    return {each.linked: text for each in fusion_settings(tuple(METHODS)) if (text := each.text(values[each.name]))}
