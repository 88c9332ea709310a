"""A service that releases models, as a device sees it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from pydantic import ValidationError

from service.client import connection_to
from service.errors import ErrorBody
from service.updates.errors import ServiceError, TooNewError
from service.updates.listing import LISTING_VERSION, Listing

_CHUNK = 65_536
_LARGEST_LISTING = 1024 * 1024
_LARGEST_ERROR = 65_536


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
        """
        with self._asked("", {}) as response:
            content = self._read(response, _LARGEST_LISTING)
        try:
            document: Any = json.loads(content)
            version = document["schema_version"]
            if isinstance(version, int) and version > LISTING_VERSION:
                raise TooNewError(f"{self._url} tells its releases in a later way: update this program")
            return Listing.model_validate(document)
        except (ValueError, KeyError, TypeError):  # ValidationError is a ValueError
            raise ServiceError(f"{self._url} answers, but not as Edge Rank does") from None

    @contextmanager
    def part(self, address: str, sha256: str, start: int) -> Iterator[Part]:
        """A file under `/v1/model/`, from `start` on if the service gives parts of it, else from its beginning.

        Raises:
            CutError: nobody answers, or not to the end.
            GoneError: it is not released.
            ServiceError: the service refuses.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": f'"{sha256}"'} if start else {}
        with self._asked(address, headers) as response:
            begins = f"bytes {start}-"
            is_part = response.status == HTTPStatus.PARTIAL_CONTENT
            if is_part and not (response.getheader("Content-Range") or "").startswith(begins):
                raise CutError("another part came than was asked for")
            yield Part(start if is_part else 0, self._chunks(response))

    @contextmanager
    def _asked(self, address: str, headers: dict[str, str]) -> Iterator[HTTPResponse]:
        connection, _ = connection_to(self._url)
        try:
            response = self._response(connection, address, headers)
            status = response.status
            if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) and address:
                raise GoneError
            if status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                reason = self._reason(response)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise CutError(reason)
                raise ServiceError(f"{self._url} refuses: {reason}")
            yield response
        finally:
            connection.close()

    def _response(self, connection: HTTPConnection, address: str, headers: dict[str, str]) -> HTTPResponse:
        try:
            connection.request("GET", self._path + address, headers={**self._headers, **headers})
            return connection.getresponse()
        except (OSError, HTTPException) as error:
            raise CutError(str(error) or type(error).__name__) from None

    def _reason(self, response: HTTPResponse) -> str:
        try:
            return ErrorBody.model_validate_json(self._read(response, _LARGEST_ERROR)).error.message
        except ValidationError:
            return f"status {response.status}"

    def _read(self, response: HTTPResponse, most: int) -> bytes:
        try:
            return response.read(most)
        except (OSError, HTTPException) as error:
            raise CutError(str(error) or type(error).__name__) from None

    def _chunks(self, response: HTTPResponse) -> Iterator[bytes]:
        while chunk := self._read(response, _CHUNK):
            self.loaded_bytes += len(chunk)
            yield chunk
