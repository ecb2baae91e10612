"""What a map's browser part fetches, beside Streamlit's way: no rerun, and kept by the browser.

    GET maps/library/{name}                       the library that draws, by the hash of its content
    GET maps/{place}/points/{signal}              where everything lies (`caches.maps.packed_points`)
    GET maps/{place}/products/{row}               what a product is: {id, title, picture, note}
    GET maps/{place}/queries/{row}                what a query is: {id, title}

The place is that of the bundle's pictures, which changes with the bundle. Imported in the thread that starts the
server, so it imports little itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqid_core.errors import SqidError
from sqid_ui.parts.picture_addresses import app_path, picture_address

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from sqid_core.bundle.load import Dataset


def map_route() -> BaseRoute:
    """The mount of all of them, under server.baseUrlPath."""
    from starlette.routing import Mount, Route

    return Mount(
        app_path("maps"),
        routes=[
            Route("/library/{name}", _library),
            Route("/{place}/points/{signal:path}", _asked(_points)),
            Route("/{place}/products/{row:int}", _asked(_product)),
            Route("/{place}/queries/{row:int}", _asked(_query)),
        ],
    )


def _library(request: Request) -> Response:
    from starlette.responses import PlainTextResponse, Response

    from sqid_ui.parts.atlas.library import LIBRARY, NAME
    from sqid_ui.shell.bundles import FOR_EVER

    if request.path_params["name"] != NAME:
        return PlainTextResponse("No such library", status_code=404)
    return Response(LIBRARY, media_type="text/javascript", headers=FOR_EVER)


def _asked(answer: Callable[[Dataset, str, dict[str, Any]], Response | None]) -> Callable[[Request], Any]:
    async def route(request: Request) -> Response:
        from starlette.responses import PlainTextResponse

        from sqid_ui.shell.bundles import NEVER

        params, cookies = dict(request.path_params), request.cookies
        found = await asyncio.to_thread(lambda: _answered(answer, params, cookies))
        return PlainTextResponse("Not in this bundle", status_code=404, headers=NEVER) if found is None else found

    return route


def _answered(
    answer: Callable[[Dataset, str, dict[str, Any]], Response | None],
    params: dict[str, Any],
    cookies: Mapping[str, str],
) -> Any:
    from sqid_ui.caches import bundles
    from sqid_ui.login.who import person_with
    from sqid_ui.shell.bundles import bundle_at, data_root, kept_headers

    bundle = bundle_at(params["place"], data_root(), person_with(cookies))
    if bundle is None or bundle.manifest is None:
        return None
    try:
        found = answer(bundles.dataset(str(bundle.folder), bundle.manifest), params["place"], params)
    except SqidError:
        return None
    if found is not None:
        found.headers.update(kept_headers(bundle))
    return found


def _points(dataset: Dataset, _: str, params: dict[str, Any]) -> Response | None:
    from starlette.responses import Response

    from sqid_ui.caches.maps import packed_points

    if params["signal"] not in dataset.manifest.maps:
        return None
    return Response(packed_points(dataset, params["signal"]), media_type="application/octet-stream")


def _product(dataset: Dataset, place: str, params: dict[str, Any]) -> Response | None:
    from starlette.responses import JSONResponse

    if params["row"] >= len(dataset.products):
        return None
    product = dataset.products.iloc[params["row"]]
    category = product.get("category")
    told = {
        "id": product["product_id"],
        "title": product["title"] if isinstance(product["title"], str) else "",
        "picture": picture_address(product["image"], place),
        "note": category if isinstance(category, str) else "",
    }
    return JSONResponse(told)


def _query(dataset: Dataset, _: str, params: dict[str, Any]) -> Response | None:
    from starlette.responses import JSONResponse

    if params["row"] >= len(dataset.queries):
        return None
    query = dataset.queries.iloc[params["row"]]
    return JSONResponse({"id": query["query_id"], "title": query["query"]})
