"""The service that releases models, over HTTP."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from pydantic import ValidationError

from service.files.printable import first_reason, printable
from service.pull.connection import connection_to
from service.releases.errors import ChecksumError, ServiceError, TooNewError
from service.releases.listing import LISTING_VERSION, Listing

_CHUNK = 65_536
_LARGEST_LISTING = 1024 * 1024
_LARGEST_ERROR = 65_536
_HEAD_S = 30.0
_SLOW_AFTER_S, _LEAST_BYTES_PER_S = 30.0, 256


class CutError(Exception):
    """The answer did not arrive, or not completely: a retry may help. The message says why."""


class GoneError(Exception):
    """The file is not released, or no longer."""


@dataclass(frozen=True)
class Part:
    """A part of a file: its offset, and its bytes as they arrive; reading them may raise `CutError`."""

    start: int
    chunks: Iterator[bytes]


class Remote:
    """The service at `url` (`http://host:port`, with or without a path before `/v1`); counts `loaded_bytes`."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """Raise `AddressError` if the URL is not valid; `key` is sent as the API key."""
        _, parts = connection_to(url)
        self._url, self._path = url, f"{parts.path.rstrip('/')}/v1/model/"
        self.loaded_bytes = 0
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def listing(self) -> Listing:
        """Get the listing of releases.

        Raises:
            CutError: the service does not answer.
            ServiceError: the service refuses, or is not Edge Rank.
            TooNewError: the listing is of a later version.
            ChecksumError: the listing is not valid.
        """
        with self._response("", {}) as (response, sock):
            content = _read(response, sock, _LARGEST_LISTING)
        version = _version_of(content)
        if version is None:
            raise ServiceError(f"{self._url} answers, but not as Edge Rank does")
        if version > LISTING_VERSION:
            raise TooNewError(f"{self._url} lists its releases in a later format: update this program")
        try:
            return Listing.model_validate_json(content)
        except ValidationError as error:
            raise ChecksumError(f"the list of releases of {self._url} is not valid: {first_reason(error)}") from None

    @contextmanager
    def part(self, address: str, sha256: str, start: int) -> Iterator[Part]:
        """Get a file under `/v1/model/`, from `start` on if the service supports ranges, else from its beginning.

        Raises:
            CutError: the service does not answer, or not completely.
            GoneError: the file is not released.
            ServiceError: the service refuses.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": f'"{sha256}"'} if start else {}
        with self._response(address, headers) as (response, sock):
            begins = f"bytes {start}-"
            is_part = response.status == HTTPStatus.PARTIAL_CONTENT
            if is_part and not (response.getheader("Content-Range") or "").startswith(begins):
                raise CutError("the answer is another part than the requested one")
            yield Part(start if is_part else 0, self._loaded(response, sock))

    @contextmanager
    def _response(self, address: str, headers: dict[str, str]) -> Iterator[tuple[HTTPResponse, socket.socket]]:
        """A response and its socket, which the connection may have released already."""
        connection, _ = connection_to(self._url)
        response = None
        try:
            response, sock = self._request(connection, address, headers)
            status = response.status
            if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) and address:
                raise GoneError
            if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                reason = _reason(response, sock)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise CutError(reason)
                raise ServiceError(f"{self._url} refuses: {reason}")
            yield response, sock
        finally:
            if response is not None:  # a connection that ends with its response has released it
                response.close()
            connection.close()

    def _request(
        self, connection: HTTPConnection, address: str, headers: dict[str, str]
    ) -> tuple[HTTPResponse, socket.socket]:
        try:
            connection.connect()
            sock: socket.socket = connection.sock
            with _shut_down_after(_HEAD_S, sock):
                connection.request("GET", self._path + address, headers={**self._headers, **headers})
                return connection.getresponse(), sock
        except (OSError, HTTPException) as error:
            raise CutError(printable(str(error)) or type(error).__name__) from None

    def _loaded(self, response: HTTPResponse, sock: socket.socket) -> Iterator[bytes]:
        for chunk in _chunks(response, sock):
            self.loaded_bytes += len(chunk)
            yield chunk


def _reason(response: HTTPResponse, sock: socket.socket) -> str:
    """The message of an error, as `service.errors` writes it; importing that would import the API."""
    try:
        return printable(str(json.loads(_read(response, sock, _LARGEST_ERROR))["error"]["message"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        return f"status {response.status}"


def _read(response: HTTPResponse, sock: socket.socket, most: int) -> bytes:
    """The first `most` bytes of a response."""
    content = b""
    for chunk in _chunks(response, sock):
        content += chunk
        if len(content) > most:
            return content[:most]
    return content


def _chunks(response: HTTPResponse, sock: socket.socket) -> Iterator[bytes]:
    """A response's bytes as they arrive; a `CutError` if they don't, or too slowly."""
    began, received = time.monotonic(), 0
    try:
        while chunk := _next_chunk(response, sock):
            received += len(chunk)
            took_s = time.monotonic() - began
            if took_s > _SLOW_AFTER_S and received < took_s * _LEAST_BYTES_PER_S:
                raise CutError(f"it sends fewer than {_LEAST_BYTES_PER_S} bytes a second")
            yield chunk
    except (OSError, HTTPException) as error:
        raise CutError(printable(str(error)) or type(error).__name__) from None


def _next_chunk(response: HTTPResponse, sock: socket.socket) -> bytes:
    """The next bytes, empty at the end. Bounded, since endless trailers bring no bytes of the body."""
    with _shut_down_after(_SLOW_AFTER_S, sock):
        return response.read1(_CHUNK)


@contextmanager
def _shut_down_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Shut a connection down if the block takes longer; the socket's own timeout restarts with each byte."""
    ended = threading.Event()

    def end() -> None:
        ended.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if ended.is_set():
        raise TimeoutError(f"it took longer than {seconds:g} s")


def _version_of(listing: bytes) -> int | None:
    """The version of a listing; None if it is not one."""
    try:
        document: Any = json.loads(listing)
    except (ValueError, RecursionError):
        return None
    version = document.get("schema_version") if isinstance(document, dict) else None
    return version if isinstance(version, int) else None
