"""`/openapi.json`, `/docs` and `/redoc`: the API's documentation, for machines and for people."""

import asyncio
import json

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse, Response

OPENAPI_PATH = "/openapi.json"

router = APIRouter(include_in_schema=False)


@router.api_route(OPENAPI_PATH, methods=["GET", "HEAD"])
async def openapi(request: Request) -> Response:
    """The OpenAPI document; generated once, which takes a tenth of a second, on a thread."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = json.dumps(await asyncio.to_thread(request.app.openapi), separators=(",", ":")).encode()
    return Response(state.openapi, media_type="application/json")


@router.api_route("/docs", methods=["GET", "HEAD"])
async def docs(request: Request) -> HTMLResponse:
    """The document as a page with forms for requests (Swagger UI)."""
    return get_swagger_ui_html(openapi_url=_address(request), title=f"{request.app.title} - Swagger UI")


@router.api_route("/redoc", methods=["GET", "HEAD"])
async def redoc(request: Request) -> HTMLResponse:
    """The document as a page to read (ReDoc)."""
    return get_redoc_html(openapi_url=_address(request), title=f"{request.app.title} - ReDoc")


def _address(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/") + OPENAPI_PATH
