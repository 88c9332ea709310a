"""`/v1/model/`: what is released to devices, its files, and the deltas between revisions."""

import hashlib
from typing import Any

from fastapi import APIRouter, Request, Response

from service.api.container import Components
from service.api.dependencies import ComponentsDep
from service.api.routes.ranges import answer
from service.artifact.artifact import MANIFEST
from service.errors import ErrorBody, NotReleasedError, RevokedError
from service.releases.bundle import Bundle
from service.releases.listing import Listing
from service.releases.release_set import ReleaseSet

router = APIRouter(tags=["updates"])

PREFIX = "/v1/model/"
_FRESH_S = 60
_FOR_EVER_S = 365 * 86_400
_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": _BYTES}},
    206: {"description": "the part that the header `Range` asks for", "content": {"application/octet-stream": _BYTES}},
    304: {"description": "what `If-None-Match` names is still right"},
    **{status: {"model": ErrorBody} for status in (401, 404, 410, 416, 429)},
}


@router.head(PREFIX, include_in_schema=False)
@router.get(
    PREFIX,
    response_model=Listing,
    responses={304: _ANSWERS[304], 401: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def releases(components: ComponentsDep, request: Request) -> Response:
    """What is released. Each device finds out for itself which release it should have; nobody is told."""
    released = await _release_set(components)
    content = released.listing(components.releases.deltas).model_dump_json(by_alias=True).encode()
    return answer(
        request,
        content,
        sha256=hashlib.sha256(content).hexdigest(),
        cache=f"{_scope(components)}, max-age={_FRESH_S}",
        media_type="application/json",
        sent=components.metrics.download_bytes.labels("listing"),
    )


@router.head(f"{PREFIX}{{revision}}/delta/{{source}}", include_in_schema=False)
@router.get(f"{PREFIX}{{revision}}/delta/{{source}}", response_class=Response, responses=_ANSWERS)
async def delta(revision: str, source: str, components: ComponentsDep, request: Request) -> Response:
    """What makes the device files of a revision of those of another one. Not there if the files are no larger."""
    released = await _release_set(components)
    target = _released(components, released, revision)
    pair = next((pair for pair in released.pairs() if pair[0].revision == source and pair[1] is target), None)
    found = None if pair is None else await components.releases.deltas.get(*pair)
    if found is None:
        raise NotReleasedError
    return answer(
        request,
        found.content,
        sha256=found.sha256,
        # Another release of zlib may pack the same delta in other bytes.
        cache=f"{_scope(components)}, max-age={_FRESH_S}",
        media_type="application/octet-stream",
        sent=components.metrics.download_bytes.labels("delta"),
    )


@router.head(f"{PREFIX}{{revision}}/{{path:path}}", include_in_schema=False)
@router.get(f"{PREFIX}{{revision}}/{{path:path}}", response_class=Response, responses=_ANSWERS)
async def file(revision: str, path: str, components: ComponentsDep, request: Request) -> Response:
    """A file of a released revision: one that its listing names."""
    bundle = _released(components, await _release_set(components), revision)
    if path not in bundle.files:
        raise NotReleasedError
    # The revision is of all files but the manifest: another manifest may come under the same address.
    kept = "no-cache" if path == MANIFEST else f"max-age={_FOR_EVER_S}, immutable"
    return answer(
        request,
        bundle.contents[path],
        sha256=bundle.files[path].sha256,
        cache=f"{_scope(components)}, {kept}",
        media_type="application/json" if path.endswith(".json") else "application/octet-stream",
        sent=components.metrics.download_bytes.labels("file"),
    )


async def _release_set(components: Components) -> ReleaseSet:
    return await components.releases.released(components.models.current.model.bundle)


def _released(components: Components, released: ReleaseSet, revision: str) -> Bundle:
    if revision in released.rollout.revoked:
        raise RevokedError
    bundle = released.bundle(revision)
    # While a swap reaches one worker after the other, those that it has reached list already what the others have.
    prepared = components.models.prepared
    if bundle is None and prepared is not None and prepared.bundle is not None and prepared.bundle.revision == revision:
        bundle = prepared.bundle
    if bundle is None:
        raise NotReleasedError
    return bundle


def _scope(components: Components) -> str:
    """Whether a cache that is not the client's own may keep an answer."""
    settings = components.settings
    return "public" if settings.api_keys_file is None or settings.public_model else "private"
