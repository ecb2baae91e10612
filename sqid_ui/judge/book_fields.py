"""The fields of a book that several forms ask for."""

from __future__ import annotations

import streamlit as st

from sqid_core.judging.acts import LONGEST_VALUE

LONGEST_NAME = 100
_LONGEST_TAGS = 5_000


def name_field(name: str = "") -> str:
    """A book's name, without blanks around."""
    return st.text_input("Name", name, max_chars=LONGEST_NAME).strip()


def guidelines_field(guidelines: str = "") -> str:
    """What judges read beside each pair."""
    return st.text_area(
        "Guidelines",
        guidelines,
        max_chars=LONGEST_VALUE,
        height=180,
        placeholder="When is a product an exact match? What if the picture and the title disagree?",
        help="Markdown: **bold**, lists, links. HTML and pictures are shown as text.",
    )


def tags_field(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Tags for what is wrong with a pair, one a line."""
    typed = st.text_area("Tags, one a line", "\n".join(tags), max_chars=_LONGEST_TAGS, height=140)
    return tuple(dict.fromkeys(filter(None, (line.strip() for line in typed.splitlines()))))
