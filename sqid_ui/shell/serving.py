"""What the web server needs before the first visitor comes: the pictures' route, and the modules of the first view.

Imported in the thread that starts the server, so it imports little itself: pandas and its like come with its life.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqid_ui.login.configured import login_faults
from sqid_ui.parts.picture_addresses import MEDIA_TYPES, mount_path, picture_file
from sqid_ui.shell.log_lines import log_lines

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_LOG = logging.getLogger(__name__)
_FIRST_VIEW = "sqid_ui.search.page"


def picture_route() -> BaseRoute:
    """The mount that serves images/ of every bundle by its place, under server.baseUrlPath."""
    from starlette.routing import Mount, Route

    return Mount(mount_path(), routes=[Route("/{place}/{path:path}", _serve)])


@asynccontextmanager
async def with_modules_ready(_app: Any) -> AsyncIterator[None]:
    """The server's life: it says that it is up once what the first view needs has been imported."""
    await asyncio.to_thread(import_module, _FIRST_VIEW)
    log_lines()
    for fault in login_faults(os.environ):
        _LOG.warning("%s", fault)
    yield


def _serve(request: Request) -> Response:
    from starlette.responses import FileResponse, PlainTextResponse

    from sqid_ui.login.who import person_with
    from sqid_ui.shell.bundles import NEVER, bundle_at, data_root, kept_headers

    bundle = bundle_at(request.path_params["place"], data_root(), person_with(request.cookies))
    file = picture_file(bundle.folder / "images", request.path_params["path"]) if bundle else None
    if bundle is None or file is None:
        return PlainTextResponse("No such picture", status_code=404, headers=NEVER)
    return FileResponse(file, media_type=MEDIA_TYPES[file.suffix.lower()], headers=kept_headers(bundle))
