"""Text from strangers on its way into Streamlit's Markdown."""

from __future__ import annotations

import re

_SPECIAL = frozenset("\\`*_{}[]()<>#+-.!|~$:&^=")
# What Markdown makes a link of, also where its signs are escaped: a joiner of no width behind it ends that.
_LINKED = re.compile(r"://|\bwww(?=\.)|(?=@)", re.IGNORECASE)
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands: every sign with a meaning is escaped, nothing becomes a link, lines are
    joined."""
    unlinked = _LINKED.sub(lambda found: found[0] + _JOINER, " ".join(text.split()))
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in unlinked)
