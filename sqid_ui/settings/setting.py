"""What a setting is: a value with a name, a text in the link, and the widgets that show it. No Streamlit here."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from sqid_core.errors import InputError

# Between several names in one parameter.
_SEPARATOR, _ESCAPED = "|", "%7C"
# What a reader raises for nonsense.
NONSENSE = (InputError, ValueError, KeyError, TypeError, OverflowError)


def _alone(value: Any) -> Mapping[str, Any]:
    return {"": value}


@dataclass(frozen=True)
class Setting:
    """One setting of a page.

    read: its text in the link to its value, an error of `NONSENSE` where it is none on offer. write: the way back; an
    empty text is left out of the link. parameter: its name there, by default the name in the code; "" where no link can
    hold it. room: "" where every page with such a parameter has the same value, else whose it is. of_bundle: whether it
    names a part of one bundle. first: what it begins with until somebody sets it, the default where that is None.
    longest: characters that fit a link, 0 for any. optional: whether its widget may hold None, for nothing. split: what
    each of its widgets holds, by a part's name, "" for a widget alone. join: the way back.
    """

    name: str
    default: Any
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    parameter: str | None = None
    room: str = ""
    of_bundle: bool = False
    first: Any = None
    longest: int = 0
    optional: bool = False
    split: Callable[[Any], Mapping[str, Any]] = _alone
    join: Callable[[Mapping[str, Any]], Any] = lambda parts: parts[""]

    @property
    def linked(self) -> str:
        """The parameter's name, "" where there is none."""
        return self.name if self.parameter is None else self.parameter

    @property
    def where(self) -> tuple[str, str]:
        """Under what its value is kept."""
        return self.room, self.linked or self.name

    def fits(self, value: Any) -> bool:
        """Whether a value of before makes sense here: another bundle has other groups and gains."""
        try:
            text = self.write(value)
            return not text or self.write(self.read(text)) == text
        except NONSENSE:
            return False

    def text(self, value: Any) -> str:
        """What the link holds for a value: nothing for the default, nor where it would not fit."""
        text = self.write(value) if self.linked else ""
        return "" if text == self.write(self.default) or 0 < self.longest < len(text) else text


def of(room: str, *settings: Setting) -> tuple[Setting, ...]:
    """Settings that one page has to itself."""
    return tuple(replace(setting, room=room) for setting in settings)


# More than any model reads of a text.
LONGEST_TYPED = 5_000


# --- kinds of settings ---


def one_of(known: Container[Any], value: Any) -> Any:
    """The value; ValueError where it is not on offer."""
    if value not in known:
        raise ValueError(f"{value!r} is not on offer")
    return value


def choice(name: str, options: Sequence[str], default: str | None = None, **more: Any) -> Setting:
    """One of several texts, by default the first."""
    first = options[0] if options else ""
    usual = default if default is not None and default in options else first
    return Setting(name, usual, lambda text: one_of(options, text), **more)


def picked(name: str, known: Container[str], default: str = "", **more: Any) -> Setting:
    """One of several texts or "" for none, which its widget calls None."""
    shown, taken = lambda value: {"": value or None}, lambda parts: parts[""] or ""
    return Setting(name, default, lambda text: one_of(known, text), split=shown, join=taken, optional=True, **more)


def some(name: str, known: Container[str], fold: Callable[[str], str] = str, most: int = 100, **more: Any) -> Setting:
    """Several texts, by default none. fold: of a text, before it is looked for."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(parted(text)))
        if len(names) > most:
            raise ValueError("too many names")
        return tuple(name for name in names if one_of(known, fold(name)))

    shown, taken = lambda value: {"": list(value)}, lambda parts: tuple(parts[""] or ())
    return Setting(name, (), read, joined, split=shown, join=taken, **more)


def number(name: str, low: float, high: float, default: float | None, **more: Any) -> Setting:
    """A number between two others, to hundredths; the default None is no number."""

    def read(text: str) -> float:
        value = float(text)
        if not (low <= value <= high and math.isfinite(value)):
            raise ValueError(f"{name} lies between {low} and {high}")
        return round(value, 2) + 0.0  # -0.0 is no other number than 0

    write = lambda value: "" if value is None else f"{value:.2f}"  # noqa: E731
    return Setting(name, default, read, write, optional=default is None, **more)


def whole(name: str, known: Container[int], default: int, **more: Any) -> Setting:
    """A whole number on offer."""
    return Setting(name, default, lambda text: one_of(known, int(text)), **more)


def flag(name: str, **more: Any) -> Setting:
    """On or off, by default off."""
    return Setting(name, False, lambda text: {"1": True, "0": False}[text], lambda value: "1" if value else "0", **more)


def words(name: str, longest: int = 200, default: str = "", **more: Any) -> Setting:
    """A text that somebody types. longest: what a link may hold of it. What is longer than any query is cut, as the box
    of a browser does, which nobody has to ask with."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError("too long")
        return text.strip()

    return Setting(
        name, default, read, longest=longest, join=lambda parts: (parts[""] or "")[:LONGEST_TYPED].strip(), **more
    )


def joined(names: Iterable[str]) -> str:
    """Several names in one parameter, whatever letters they have."""
    return _SEPARATOR.join(name.replace("%", "%25").replace(_SEPARATOR, _ESCAPED) for name in names)


def parted(text: str) -> list[str]:
    """The names that were joined."""
    return [unquote(part) for part in text.split(_SEPARATOR)]
