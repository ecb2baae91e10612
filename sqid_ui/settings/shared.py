"""The settings that all pages share: how two rankings are fused, and what a label is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqid_core.ranking.fusion import FUSIONS, METHODS, MISSING_IMAGE, NORMS, Fusion
from sqid_ui.settings import session
from sqid_ui.settings.setting import Setting, choice, number, whole

HIGHEST_RRF_K = 1000
DEFAULT_NORM_OF_MAX = "min-max"
_USUAL = Fusion()


def fusion_settings(methods: Sequence[str]) -> tuple[Setting, ...]:
    """Weight, method, norm, constant of reciprocal ranks, and what stands for a missing picture."""
    return (
        number("w", 0.0, 1.0, _USUAL.image_weight),
        choice("method", methods, _USUAL.method),
        choice("norm", NORMS, _USUAL.norm),
        whole("rrf_k", range(1, HIGHEST_RRF_K + 1), int(_USUAL.rrf_k)),
        choice("missing", MISSING_IMAGE, _USUAL.missing_image),
    )


def coherent_norm(method: str, norm: str) -> str:
    """The norm that `method` runs with: max compares two columns and cannot do without one."""
    return DEFAULT_NORM_OF_MAX if method == "max" and norm == "none" else norm


def norms_of(method: str) -> tuple[str, ...]:
    """The norms on offer for a method."""
    return tuple(norm for norm in NORMS if coherent_norm(method, norm) == norm)


def uses_norm(method: str) -> bool:
    """Whether a norm changes anything for this method."""
    return FUSIONS[method].uses_norm


def coherent_fusion(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a page of which method and norm go together."""
    return {**values, "norm": coherent_norm(values["method"], values["norm"])} if "method" in values else {**values}


def fusion_of(values: Mapping[str, Any]) -> Fusion:
    """The fusion that such values name, without a norm that its method cannot run with."""
    norm = coherent_norm(values["method"], values["norm"])
    return Fusion(values["method"], values["w"], norm, values["missing"], float(values["rrf_k"]))


def kept_fusion(methods: Sequence[str] = METHODS) -> Fusion:
    """The fusion of the other pages."""
    return fusion_of(session.elsewhere(fusion_settings(methods)))
