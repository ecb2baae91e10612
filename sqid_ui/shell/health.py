"""Routes for those who run the server: is it alive, may visitors come, what is it doing.

    GET healthz     200 while the event loop answers
    GET readyz      200 where a visitor would be served; else 503 and why
    GET metrics     Prometheus' text format

Nothing in the answers says what anybody asked. Imported in the thread that starts the server, so it imports little.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from sqid_core.errors import InputError
from sqid_ui.parts.picture_addresses import app_path

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def health_routes() -> list[BaseRoute]:
    """The three routes, under server.baseUrlPath."""
    from starlette.routing import Route

    named = {"healthz": _alive, "readyz": _ready, "metrics": _metrics}
    return [Route(app_path(name), route, methods=["GET"]) for name, route in named.items()]


async def _alive(_request: Request) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse({"alive": True}, headers=_HEADERS)


async def _ready(_request: Request) -> Response:
    from starlette.responses import JSONResponse

    found = await asyncio.to_thread(readiness)
    return JSONResponse(found, status_code=200 if found["ready"] else 503, headers=_HEADERS)


async def _metrics(_request: Request) -> Response:
    from starlette.responses import PlainTextResponse, Response

    try:
        text, kind = await asyncio.to_thread(_text)
    except InputError as error:
        return PlainTextResponse(f"{error}\n", status_code=501, headers=_HEADERS)
    return Response(text, headers=_HEADERS | {"Content-Type": kind})


def _text() -> tuple[bytes, str]:
    from sqid_ui.shell.metrics import metrics_text

    return metrics_text()


def readiness() -> dict[str, Any]:
    """ready, and why not. A data folder without a bundle is ready: the page draws the demo there."""
    from sqid_ui.shell.bundles import bundle_folders, data_root
    from sqid_ui.work.pool import TURNS

    root, why = data_root(), []
    if root.exists() and not os.access(root, os.R_OK | os.X_OK):
        why.append("the data folder cannot be read")
    bundles = bundle_folders(root)
    if bundles and all(bundle.manifest is None for bundle in bundles):
        why.append("no bundle in the data folder can be opened")
    if TURNS.full():
        why.append("too many visitors wait")
    return {"ready": not why, "why": why, "bundles": sum(bundle.manifest is not None for bundle in bundles)}
