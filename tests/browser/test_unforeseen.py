"""A fault that nobody foresaw, in a page or in what a click calls: one sentence, and the page comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import UNFORESEEN, free_port, started

pytestmark = pytest.mark.browser
# The page raises once for each file of this name.
APP = """
from pathlib import Path
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

FAULT = Path(__file__).with_name("fault")

def fail():
    raise ValueError("/srv/secret")

if get_script_run_ctx(suppress_warning=True) is None:
    from sqid_ui.shell.unforeseen import told
    app = st.App(__file__, on_script_error=told)
else:
    st.title("All is well")
    if FAULT.exists():
        FAULT.unlink()
        raise KeyError("/srv/secret")
    st.button("Fail", on_click=fail)
"""


def test_one_sentence_and_the_page_again(browser: Any, tmp_path: Path) -> None:
    script, fault = tmp_path / "faulty.py", tmp_path / "fault"
    script.write_text(APP, encoding="utf-8")
    fault.touch()
    with started(tmp_path, free_port(), script=script) as (address, _):
        page = browser.new_page()
        page.goto(address)
        for kind in ("KeyError", "ValueError"):
            page.locator(UNFORESEEN).get_by_text(f"This page met a fault that nobody foresaw ({kind}).").wait_for()
            assert page.get_by_test_id("stException").count() == 0
            assert "secret" not in page.content()
            page.get_by_role("button", name="Draw the page again").click()
            page.get_by_role("button", name="Fail").click()
        page.close()
