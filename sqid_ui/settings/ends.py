"""An end of a fusion as a setting: one signal of a modality, or a mix of several with a weight each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from sqid_core.ranking.mixes import Mix, is_mix, read_mix
from sqid_ui.settings.session import draw
from sqid_ui.settings.setting import Setting, one_of

# The weight of each signal where a mix begins.
_BEGINS_WITH = 0.5
# No signal's name has a colon.
MIXED, _A_MIX = ":mix", "A mix of them"


def read_end(text: str, names: Sequence[str]) -> str:
    """A signal on offer, or a mix of some, written its one way. Raises a reader's error for anything else."""
    if not is_mix(text):
        return str(one_of(names, text))
    mix = read_mix(text)
    if str(mix) != text or not {name for name, _ in mix.parts} <= {*names}:
        raise ValueError(f"{text!r} is no mix of what is on offer")
    return text


def split_end(end: str, names: Sequence[str], prefix: str = "") -> dict[str, Any]:
    """What the widgets of an end hold: the signal or `MIXED`, and a weight for each that is on offer. prefix: of their
    parts."""
    weights = dict(read_mix(end).parts) if is_mix(end) else dict.fromkeys(names, _BEGINS_WITH)
    shown = {prefix: MIXED if is_mix(end) else end}
    return shown | {_weight_part(prefix, name): weights.get(name, 0.0) for name in names}


def join_end(parts: Mapping[str, Any], names: Sequence[str], prefix: str = "") -> str:
    """The way back: a signal alone has no weight, and without any weight all count alike."""
    if parts[prefix] != MIXED:
        return str(parts[prefix])
    weights = {name: round(float(parts[_weight_part(prefix, name)]), 2) for name in names}
    above = {name: weight for name, weight in weights.items() if weight > 0} or dict.fromkeys(names, _BEGINS_WITH)
    return str(Mix(tuple(above.items())))


def _weight_part(prefix: str, name: str) -> str:
    return f"{prefix} weight {name}".strip()


def end_setting(name: str, names: Sequence[str], **more: Any) -> Setting:
    """The setting of an end: by default the first signal on offer."""
    first = names[0] if names else ""
    return Setting(
        name,
        first,
        lambda text: read_end(text, names),
        split=lambda end: split_end(end, names),
        join=lambda parts: join_end(parts, names),
        **more,
    )


def end_control(setting: str, title: str, names: Sequence[str], prefix: str = "") -> None:
    """Which signal makes one ranking, or how much of each; nothing where there is no choice."""
    if len(names) < 2:
        return
    chosen = draw(
        st.selectbox,
        setting,
        title,
        [*names, MIXED],
        part=prefix,
        format_func=lambda name: _A_MIX if name == MIXED else name,
        help="One of the bundle’s signals, or a mix: each signal is put on one scale (z-scores) before its weight.",
    )
    if chosen == MIXED:
        for name in names:
            draw(st.slider, setting, name, 0.0, 1.0, part=_weight_part(prefix, name), step=0.01, format="%.2f")


def mixes_any(*ends: str) -> bool:
    """Whether one of some ends is a mix."""
    return any(map(is_mix, ends))
