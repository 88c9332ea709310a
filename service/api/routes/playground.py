"""The playground at `/`: a page to try the ranking. Its files need no API key; the requests it makes do."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response, StreamingResponse

from service.api.responses.byte_ranges import is_known
from service.api.responses.content_negotiation import accepts_gzip
from service.files.static import StaticFile

PAGE = "index.html"
SERVICE_WORKER = "service-worker.js"
FILES_PATH = "/playground/"
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # the model's runtime is WebAssembly
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_NEVER = (
    "accelerometer autoplay camera display-capture encrypted-media fullscreen geolocation gyroscope hid"
    " magnetometer microphone midi payment picture-in-picture publickey-credentials-get screen-wake-lock serial usb"
    " xr-spatial-tracking"
)
# Sent with every file, not the page alone: a web worker has the policies of its own script.
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in _POLICY.items()),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NEVER.split()),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def playground_router(files: Mapping[str, StaticFile]) -> APIRouter:
    """Routes that serve a page's files, and its `index.html` at `/`, where its service worker may answer, too."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        return _answer(files[PAGE], request)

    @router.api_route(FILES_PATH + "{name}", methods=["GET", "HEAD"])
    async def file(name: str, request: Request) -> Response:
        found = files.get(name)
        if found is None:
            raise HTTPException(404)
        response = _answer(found, request)
        if name == SERVICE_WORKER:
            response.headers["Service-Worker-Allowed"] = "/"  # by itself it may answer below its own folder alone
        return response

    return router


def _answer(file: StaticFile, request: Request) -> Response:
    """Answer with a file in a coding that the client accepts, or 304 if its copy is current."""
    as_stored = not file.compressed or accepts_gzip(request.headers.get("accept-encoding"))
    etag = f'"{file.digest}"' if as_stored else f'"{file.digest}-inflated"'
    headers = SECURITY_HEADERS | {
        "Cache-Control": _FOREVER if file.immutable else _ASK_AGAIN,
        "ETag": etag,
    }
    if file.compressed:
        headers["Vary"] = "Accept-Encoding"
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if not as_stored:
        pieces = file.inflated() if request.method == "GET" else ()
        return StreamingResponse(pieces, headers=headers, media_type=file.media_type)
    if file.compressed:
        headers["Content-Encoding"] = "gzip"
    return FileResponse(file.path, headers=headers, media_type=file.media_type)
