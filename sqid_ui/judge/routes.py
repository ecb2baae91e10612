"""The way between the judging in the browser and the store, beside Streamlit's: no rerun between two pairs.

    POST judging/acts                            acts of one judge; what was stored, and what is to be seen now
    GET  judging/queue?bundle=&book=&count=      the next pairs, and where the judge stands
    GET  judging/description?bundle=&product=    a product's long text

Whatever goes wrong is a status and {"error": one sentence}. Databases and files are read in threads: the event loop
serves everybody. Imported in the thread that starts the server, so it imports little itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqid_core.errors import InputError, StoreError
from sqid_ui.judge.refused import Refused
from sqid_ui.parts.picture_addresses import app_path
from sqid_ui.shell.origins import is_own_origin

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

PREFIX = "judging"
# A browser sends some 20 acts at once; the longest explanations are 20,000 letters each.
LONGEST_BODY = 2_000_000
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_LOG = logging.getLogger(__name__)


def judging_routes() -> BaseRoute:
    """The mount of all routes, under server.baseUrlPath."""
    from starlette.routing import Mount, Route

    routes = [
        Route("/acts", _acts, methods=["POST"]),
        Route("/queue", _asked("queue"), methods=["GET"]),
        Route("/description", _asked("described"), methods=["GET"]),
    ]
    return Mount(app_path(PREFIX), routes=routes)


async def _acts(request: Request) -> Response:
    async def answer() -> dict[str, Any]:
        _check_sender(request)
        body = await _body(request)
        return await asyncio.to_thread(lambda: _answers().stored(body, request.cookies))

    return await _told(answer)


def _asked(name: str) -> Callable[[Request], Any]:
    async def route(request: Request) -> Response:
        async def answer() -> dict[str, Any]:
            asked, cookies = dict(request.query_params), request.cookies
            return await asyncio.to_thread(lambda: getattr(_answers(), name)(asked, cookies))

        return await _told(answer)

    return route


def _answers() -> Any:
    from sqid_ui.judge import answers

    return answers


async def _told(answer: Callable[[], Any]) -> Response:
    from starlette.responses import JSONResponse

    try:
        return JSONResponse(await answer(), headers=_HEADERS)
    except Refused as refused:
        status, sentence = refused.status, str(refused)
    except InputError as error:
        status, sentence = 400, str(error)
    except StoreError as error:
        status, sentence = 503, str(error)
    except Exception:
        _LOG.exception("a request about judgements failed")
        status, sentence = 500, "The server could not do this; its log says why."
    return JSONResponse({"error": sentence}, status_code=status, headers=_HEADERS)


def _check_sender(request: Request) -> None:
    """Only pages of this app may send: a foreign one would send with the visitor's cookie."""
    headers = request.headers
    origin = headers.get("origin")
    foreign = origin is not None and not is_own_origin(origin, headers.get("host", ""))
    if foreign or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Refused(403, "Judgements come from this app’s own pages only.")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Judgements are sent as application/json.")


async def _body(request: Request) -> bytes:
    from starlette.requests import ClientDisconnect

    found = bytearray()
    try:
        async for part in request.stream():
            found += part
            if len(found) > LONGEST_BODY:
                raise Refused(413, f"At most {LONGEST_BODY:,} bytes of acts are taken at once.")
    except ClientDisconnect:
        raise Refused(400, "The acts did not come to their end.") from None
    return bytes(found)
