"""What a visitor uploads: taken from its widget at once, so that the server does not keep the file beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

_ROUND = "upload round"


def uploader(label: str, name: str, taken: Callable[[str, bytes], None], **options: Any) -> None:
    """An uploader that is empty again after each file. name: unique on the page. taken: called before the rerun with
    the file's name and bytes. options: of st.file_uploader."""
    key = f"{name} {st.session_state.get(_ROUND, 0)}"
    st.file_uploader(label, key=key, on_change=lambda: _uploaded(key, taken), **options)


def _uploaded(key: str, taken: Callable[[str, bytes], None]) -> None:
    file = st.session_state.get(key)
    # A click during the run that a file began sends the file again, which has been taken by then.
    if not isinstance(file, UploadedFile):
        return
    # Under another key it is a new, empty widget, and the server lets the file itself go.
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    body = file.getvalue()
    _let_go(file.file_id)
    taken(file.name, body)


def _let_go(file_id: str) -> None:
    """What an uploader gave stays in the server's memory until somebody else comes or goes."""
    context = get_script_run_ctx(suppress_warning=True)
    manager = context.uploaded_file_mgr if context is not None else None
    if context is not None and isinstance(manager, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, file_id)
