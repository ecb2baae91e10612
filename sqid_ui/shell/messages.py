"""What one visitor may send: no message without end, none that clears everybody's caches, no heap of uploads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from sqid_ui.login.who import may_enter, person_with

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A lasso over all of SQID's queries is about 3 MB; a search some hundred bytes.
LONGEST_MESSAGE = 8_000_000
# For Streamlit's developers: the first clears the caches of all, the others end things or tell of the checkout.
_REFUSED = frozenset({"clear_cache", "debug_disconnect_websocket", "debug_shutdown_runtime", "load_git_info"})
_TOO_LONG = 1009
_UPLOADS = "/_stcore/upload_file/"
# Of one session, which has one uploader that lets go what it has read; of all.
MOST_OF_A_SESSION, MOST_OF_ALL = 80_000_000, 400_000_000


class Bounded:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection or request."""
        if scope["type"] == "websocket":
            await self._app(scope, _bounded(receive, send), send)
        elif refused := _refused(scope):
            await send({"type": "http.response.start", "status": refused, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send)


def _refused(scope: Scope) -> int:
    """The status of an upload that is not taken, 0 for whatever else."""
    if scope["type"] != "http" or scope["method"] != "PUT" or _UPLOADS not in scope["path"]:
        return 0
    from starlette.requests import Request

    if not may_enter(person_with(Request(scope).cookies)):
        return 403
    return 0 if _room(scope) else 503


def bounded_messages() -> Middleware:
    """The middleware, as `st.App` takes it."""
    from starlette.middleware import Middleware

    return Middleware(Bounded)


def _bounded(receive: Receive, send: Send) -> Receive:
    async def received() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            body = message.get("bytes") or (message.get("text") or "").encode()
            if len(body) > LONGEST_MESSAGE:
                await send({"type": "websocket.close", "code": _TOO_LONG})
                return {"type": "websocket.disconnect", "code": _TOO_LONG}
            if kind_of_message(body) not in _REFUSED:
                return message

    return received


def kind_of_message(body: bytes) -> str:
    """What a message asks for, "" where it is none."""
    message = BackMsg()
    try:
        message.ParseFromString(body)
    except Exception:  # protobuf's own DecodeError: Streamlit says what it thinks of it
        return ""
    return message.WhichOneof("type") or ""


def _room(scope: Mapping[str, Any]) -> bool:
    """Whether one more upload may be kept. What a session has kept before goes where it would have too much."""
    files = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(files, MemoryUploadedFileManager):
        return True
    session = scope["path"].partition(_UPLOADS)[2].partition("/")[0]
    return make_room(files, session)


def make_room(files: MemoryUploadedFileManager, session: str) -> bool:
    """See `_room`."""
    kept = {each: sum(len(file.data) for file in of.values()) for each, of in list(files.file_storage.items())}
    if kept.get(session, 0) > MOST_OF_A_SESSION // 2:
        files.remove_session_files(session)
        kept[session] = 0
    return sum(kept.values()) <= MOST_OF_ALL
