"""Text from strangers on its way into Streamlit's Markdown."""

from __future__ import annotations

_SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~$:&^=")


def plain(text: str) -> str:
    """Text that Markdown shows as it stands: every sign with a meaning is escaped, lines are joined."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in " ".join(text.split()))
