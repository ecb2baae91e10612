"""A page's table of settings against a link, without Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqid_ui.settings.memory import Memory
from sqid_ui.settings.setting import Setting


def read_link(
    link: Mapping[str, str], table: Iterable[Setting], coherent: Callable[[Mapping], Mapping] = dict
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings that a link opens, by name, and the parameters that were nonsense."""
    memory = Memory().noticed("page", link, False).settled(table, "bundle", {}, coherent)
    return {name: memory.value(name, {}) for name in memory.table}, memory.rejected


def write_link(values: Mapping[str, Any], table: Iterable[Setting]) -> dict[str, str]:
    """The link of such settings."""
    memory = Memory().noticed("page", {}, False).settled(table, "bundle", {})
    for name, value in values.items():
        memory = memory.changed(name, value, {})
    return memory.published({})[1]
