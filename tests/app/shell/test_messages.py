"""What a visitor sends has an end, and clears nobody's caches."""

from __future__ import annotations

from typing import Any

import pytest
from coroutines import finished
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from sqid_ui.settings.setting import LONGEST_TYPED, words
from sqid_ui.shell import messages
from sqid_ui.shell.messages import LONGEST_MESSAGE, Bounded, kind_of_message, make_room


def message(kind: str, **fields: Any) -> bytes:
    made = BackMsg()
    if kind == "rerun_script":
        made.rerun_script.query_string = fields.get("query", "")
    else:
        setattr(made, kind, True)
    return made.SerializeToString()


def passed(*bodies: bytes) -> tuple[list[bytes], list[dict[str, Any]]]:
    """What of a WebSocket's messages reaches the app, and what is sent to the visitor."""
    waiting = [{"type": "websocket.receive", "bytes": body} for body in bodies] + [{"type": "websocket.disconnect"}]
    reached: list[bytes] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (found := await receive())["type"] == "websocket.receive":
            reached.append(found["bytes"])

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(found: Any) -> None:
        sent.append(found)

    finished(Bounded(app)({"type": "websocket"}, receive, send))
    return reached, sent


def test_nobody_clears_everybodys_caches() -> None:
    rerun = message("rerun_script", query="q=mug")
    for kind in ("clear_cache", "debug_shutdown_runtime", "debug_disconnect_websocket", "load_git_info"):
        assert kind_of_message(message(kind)) == kind
        assert passed(message(kind), rerun) == ([rerun], [])
    assert passed(message("stop_script"), b"\xff\xff") == ([message("stop_script"), b"\xff\xff"], [])


def test_a_message_without_end_ends_the_connection() -> None:
    rerun = message("rerun_script", query="q=mug")
    reached, sent = passed(rerun, b"x" * (LONGEST_MESSAGE + 1), rerun)
    assert (reached, [each["code"] for each in sent]) == ([rerun], [1009])


def test_a_typed_text_is_cut() -> None:
    assert len(words("text").join({"": "x" * 20_000_000})) == LONGEST_TYPED


def test_uploads_of_one_and_of_all_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_OF_A_SESSION", 200)
    monkeypatch.setattr(messages, "MOST_OF_ALL", 350)
    files = MemoryUploadedFileManager("/_stcore/upload_file")
    for number in range(30):
        assert make_room(files, "one")
        files.add_file("one", UploadedFileRec(str(number), "a", "b", b"x" * 90))
    assert sum(len(file.data) for file in files.file_storage["one"].values()) <= 200
    for session in ("two", "three"):
        assert make_room(files, session)
        files.add_file(session, UploadedFileRec("f", "a", "b", b"x" * 90))
    files.add_file("four", UploadedFileRec("f", "a", "b", b"x" * 90))
    assert not make_room(files, "five")
