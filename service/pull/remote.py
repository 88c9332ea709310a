"""A service that releases models, as a device sees it."""

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

from service.cli.client import connection_to
from service.errors import ErrorBody
from service.files.printable import first_reason, printable
from service.releases.errors import ChecksumError, ServiceError, TooNewError
from service.releases.listing import LISTING_VERSION, Listing

_CHUNK = 65_536
_LARGEST_LISTING = 1024 * 1024
_LARGEST_ERROR = 65_536
_HEAD_S = 30.0
_SLOW_AFTER_S, _LEAST_BYTES_PER_S = 30.0, 256


class CutError(Exception):
    """The answer did not come, or not to its end: asking again may help. The message says why."""


class GoneError(Exception):
    """What was asked for is not released, or no longer."""


@dataclass(frozen=True)
class Part:
    """A part of a file: where it begins, and its bytes as they come; reading them may raise `CutError`."""

    start: int
    chunks: Iterator[bytes]


class Remote:
    """The service at `url` (`http://host:port`, with or without a path before `/v1`).

    Attributes:
        loaded_bytes: how much of files and deltas has come over the air.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        """Raises `ClientError` if the URL is not one; `key` is sent as the API key."""
        _, parts = connection_to(url)
        self._url, self._path = url, f"{parts.path.rstrip('/')}/v1/model/"
        self.loaded_bytes = 0
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def listing(self) -> Listing:
        """What is released.

        Raises:
            CutError: nobody answers.
            ServiceError: the service refuses, or is not Edge Rank.
            TooNewError: the answer is of a later kind.
            ChecksumError: what it lists can't be what anybody releases.
        """
        with self._asked("", {}) as (response, sock):
            content = _read(response, sock, _LARGEST_LISTING)
        version = _version_of(content)
        if version is None:
            raise ServiceError(f"{self._url} answers, but not as Edge Rank does")
        if version > LISTING_VERSION:
            raise TooNewError(f"{self._url} tells its releases in a later way: update this program")
        try:
            return Listing.model_validate_json(content)
        except ValidationError as error:
            raise ChecksumError(f"{self._url} lists what can't be released: {first_reason(error)}") from None

    @contextmanager
    def part(self, address: str, sha256: str, start: int) -> Iterator[Part]:
        """A file under `/v1/model/`, from `start` on if the service gives parts of it, else from its beginning.

        Raises:
            CutError: nobody answers, or not to the end.
            GoneError: it is not released.
            ServiceError: the service refuses.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": f'"{sha256}"'} if start else {}
        with self._asked(address, headers) as (response, sock):
            begins = f"bytes {start}-"
            is_part = response.status == HTTPStatus.PARTIAL_CONTENT
            if is_part and not (response.getheader("Content-Range") or "").startswith(begins):
                raise CutError("another part came than was asked for")
            yield Part(start if is_part else 0, self._loaded(response, sock))

    @contextmanager
    def _asked(self, address: str, headers: dict[str, str]) -> Iterator[tuple[HTTPResponse, socket.socket]]:
        """An answer, and the socket that it comes through, which its connection may have let go of by then."""
        connection, _ = connection_to(self._url)
        response = None
        try:
            response, sock = self._response(connection, address, headers)
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
            if response is not None:  # of an answer that ends its connection, the connection has let go
                response.close()
            connection.close()

    def _response(
        self, connection: HTTPConnection, address: str, headers: dict[str, str]
    ) -> tuple[HTTPResponse, socket.socket]:
        try:
            connection.connect()
            sock: socket.socket = connection.sock
            with _given_up_after(_HEAD_S, sock):
                connection.request("GET", self._path + address, headers={**self._headers, **headers})
                return connection.getresponse(), sock
        except (OSError, HTTPException) as error:
            raise CutError(printable(str(error)) or type(error).__name__) from None

    def _loaded(self, response: HTTPResponse, sock: socket.socket) -> Iterator[bytes]:
        for chunk in _chunks(response, sock):
            self.loaded_bytes += len(chunk)
            yield chunk


def _reason(response: HTTPResponse, sock: socket.socket) -> str:
    try:
        return printable(ErrorBody.model_validate_json(_read(response, sock, _LARGEST_ERROR)).error.message)
    except ValidationError:
        return f"status {response.status}"


def _read(response: HTTPResponse, sock: socket.socket, most: int) -> bytes:
    """The beginning of an answer, so many bytes at most."""
    content = b""
    for chunk in _chunks(response, sock):
        content += chunk
        if len(content) > most:
            return content[:most]
    return content


def _chunks(response: HTTPResponse, sock: socket.socket) -> Iterator[bytes]:
    """An answer's bytes as they come.

    Raises:
        CutError: they don't, or too slowly.
    """
    began, come = time.monotonic(), 0
    try:
        while chunk := _next_chunk(response, sock):
            come += len(chunk)
            took_s = time.monotonic() - began
            if took_s > _SLOW_AFTER_S and come < took_s * _LEAST_BYTES_PER_S:
                raise CutError(f"it sends fewer than {_LEAST_BYTES_PER_S} bytes a second")
            yield chunk
    except (OSError, HTTPException) as error:
        raise CutError(printable(str(error)) or type(error).__name__) from None


def _next_chunk(response: HTTPResponse, sock: socket.socket) -> bytes:
    """What comes next, none at the end. What brings no byte of an answer, as trailers do, may come without an end."""
    with _given_up_after(_SLOW_AFTER_S, sock):
        return response.read1(_CHUNK)


@contextmanager
def _given_up_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Have a connection end if the block takes longer; its own timeout begins anew with each byte that comes.

    Raises:
        TimeoutError: it took longer, and took the end of the connection for that of what it read.
    """
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
    """In which way a listing is told; None if it is none."""
    try:
        document: Any = json.loads(listing)
    except (ValueError, RecursionError):
        return None
    version = document.get("schema_version") if isinstance(document, dict) else None
    return version if isinstance(version, int) else None
