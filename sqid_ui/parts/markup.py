"""Text from strangers on its way into Streamlit's Markdown."""

from __future__ import annotations

_SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~$:&^=")


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 product`, `2,000 products`."""
    return f"{number:,} {one if number == 1 else many}"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands: every sign with a meaning is escaped, lines are joined."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(text.split()))
