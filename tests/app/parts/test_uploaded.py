"""An uploader that is empty again after each file."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from sqid_ui.parts.uploaded import uploader

    taken = st.session_state.setdefault("taken", [])
    uploader("A file", "file", lambda name, body: taken.append((name, body)))


def test_a_file_is_taken_and_the_next_one_too() -> None:
    at = AppTest.from_function(page).run()
    for name in ("one.txt", "two.txt"):
        at.file_uploader[0].set_value((name, name.encode(), "text/plain")).run()
        assert at.file_uploader[0].value is None
    assert at.session_state["taken"] == [("one.txt", b"one.txt"), ("two.txt", b"two.txt")]


def test_a_file_that_was_taken_before_and_is_sent_again_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    at = AppTest.from_function(page).run()
    # The browser names the file, and the server has let it go.
    monkeypatch.setattr(AppTest, "_register_uploaded_files", lambda *_: None)
    at.file_uploader[0].set_value(("one.txt", b"one", "text/plain")).run()
    assert not at.exception
    assert at.session_state["taken"] == []
