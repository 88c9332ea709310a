"""`/v1/model/`: what is released to devices, its files, and the deltas between revisions."""

import hashlib
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from service.api.container import Container
from service.api.dependencies import ContainerDep
from service.api.responses.byte_ranges import answer
from service.artifact.artifact import MANIFEST
from service.errors import ErrorBody, NotReleasedError, RevokedError
from service.heads.loading import HEAD
from service.releases.bundle import Bundle
from service.releases.head_bundle import HeadBundle
from service.releases.listing import Listing
from service.releases.release_set import ReleaseSet

router = APIRouter(tags=["updates"])

PREFIX = "/v1/model/"
_FRESH_S = 60
_FOR_EVER_S = 365 * 86_400
_JSON, _BINARY = "application/json", "application/octet-stream"
_BYTES: dict[str, Any] = {_BINARY: {"schema": {"type": "string", "format": "binary"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": _BYTES},
    206: {"description": "the part that the header `Range` asks for", "content": _BYTES},
    304: {"description": "the copy that `If-None-Match` names is current"},
    **{status: {"model": ErrorBody} for status in (401, 404, 410, 416, 429)},
}


@router.head(PREFIX, include_in_schema=False)
@router.get(
    PREFIX,
    response_model=Listing,
    responses={304: _ANSWERS[304], 401: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def releases(container: ContainerDep, request: Request) -> Response:
    """The released revisions. Each device decides for itself which of them it should have."""
    released = await _release_set(container)
    content = released.listing(container.releases.deltas).model_dump_json(by_alias=True).encode()
    return _answer(container, request, "listing", content, hashlib.sha256(content).hexdigest(), media_type=_JSON)


@router.head(f"{PREFIX}{{revision}}/delta/{{source}}", include_in_schema=False)
@router.get(f"{PREFIX}{{revision}}/delta/{{source}}", response_class=Response, responses=_ANSWERS)
async def delta(revision: str, source: str, container: ContainerDep, request: Request) -> Response:
    """A delta from the device files of one revision to those of another. None if it is no smaller than the files."""
    released = await _release_set(container)
    target = _released(container, released, revision)
    pair = next((pair for pair in released.pairs() if pair[0].revision == source and pair[1] is target), None)
    found = None if pair is None else await container.releases.deltas.get(*pair)
    if found is None:
        raise NotReleasedError
    # Not for ever: another version of zlib may compress the same delta to other bytes.
    return _answer(container, request, "delta", found.content, found.sha256)


@router.head(f"{PREFIX}{{revision}}/{{path:path}}", include_in_schema=False)
@router.get(f"{PREFIX}{{revision}}/{{path:path}}", response_class=Response, responses=_ANSWERS)
async def file(revision: str, path: str, container: ContainerDep, request: Request) -> Response:
    """A file of a released revision of a model, or of a head, a pack or a task model."""
    bundle = await _found(container, revision)
    if path not in bundle.files:
        raise NotReleasedError
    # The revision is a digest of all files but the manifest, which may change under the same address.
    kept = "no-cache" if path in (MANIFEST, HEAD) else f"max-age={_FOR_EVER_S}, immutable"
    media_type = _JSON if path.endswith(".json") else _BINARY
    sha256 = bundle.files[path].sha256
    return _answer(container, request, "file", bundle.contents[path], sha256, kept=kept, media_type=media_type)


async def _release_set(container: Container, *, now: bool = False) -> ReleaseSet:
    return await container.releases.released(container.models.current.model.bundle, now=now)


async def _found(container: Container, revision: str) -> Bundle | HeadBundle:
    released = await _release_set(container)
    try:
        return released.head(revision) or _released(container, released, revision)
    except NotReleasedError:
        # Another worker may have noticed a new head, and listed it, before this one looked.
        head = (await _release_set(container, now=True)).head(revision)
        if head is None:
            raise
        return head


def _released(container: Container, released: ReleaseSet, revision: str) -> Bundle:
    if revision in released.rollout.revoked:
        raise RevokedError
    bundle = released.bundle(revision)
    # While a swap reaches the workers one by one, some list a revision that others have only prepared.
    prepared = container.models.prepared
    if bundle is None and prepared is not None and prepared.bundle is not None and prepared.bundle.revision == revision:
        bundle = prepared.bundle
    if bundle is None:
        raise NotReleasedError
    return bundle


def _answer(
    container: Container,
    request: Request,
    kind: Literal["listing", "delta", "file"],
    content: bytes,
    sha256: str,
    *,
    kept: str = f"max-age={_FRESH_S}",
    media_type: str = _BINARY,
) -> Response:
    settings = container.settings
    scope = "public" if settings.api_keys_file is None or settings.public_model else "private"  # for shared caches
    sent = container.metrics.download_bytes.labels(kind)
    return answer(request, content, sha256=sha256, cache=f"{scope}, {kept}", media_type=media_type, sent=sent)
