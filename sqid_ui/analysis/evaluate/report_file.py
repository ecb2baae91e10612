"""A report of what the page shows, as one file for somebody without the app."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from sqid_core.errors import SqidError
from sqid_core.reporting.gathering import gather, heading_of
from sqid_core.reporting.page import html_of, latex_table
from sqid_core.reporting.sentences import how_measured
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.parts import taking
from sqid_ui.parts.markup import plain
from sqid_ui.shell.bundles import for_visitors

_WANTED = "report that is wanted"


def offer(asked: Asked) -> None:
    """A button that makes the report of these settings, then the files."""
    dataset, fusion, gains = asked.dataset, asked.fusion, asked.gains
    key = dataset.key, fusion, gains
    with st.container(key="report-file", horizontal=True, vertical_alignment="center", gap="small"):
        if st.session_state.get(_WANTED) != key:
            if st.button("Make a report", icon=":material/description:", type="tertiary", key="make-report"):
                st.session_state[_WANTED] = key
                st.rerun()
            st.caption("One file that opens without this app: methods, tests, curve, categories, worst queries.")
            return
        heading = heading_of(dataset, fusion, gains, datetime.now(UTC).date().isoformat(), link=taking.page_link())

        def work() -> dict[str, str]:
            found = gather(dataset, fusion, gains, heading)
            return {"html": html_of(found), "tex": latex_table(found), "txt": how_measured(found) + "\n"}

        running = jobs.job(dataset, ("report", fusion, gains, heading.link), work)
        if not running.done():
            jobs.show_when_ready([running], "Making the report")
            return
        try:
            files = running.result()
        except SqidError as error:
            st.caption(plain(for_visitors(error)))
            return
        name = heading.file_name("report")
        for ending, label in (("html", "Report"), ("tex", "LaTeX table"), ("txt", "Methods paragraph")):
            st.download_button(
                label,
                files[ending].encode(),
                f"{name}.{ending}",
                "text/html" if ending == "html" else "text/plain",
                icon=":material/download:",
                type="tertiary",
                key=f"report-{ending}",
                on_click="ignore",
            )
