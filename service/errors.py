"""The errors that a client is answered with, and the body that carries them.

  {"error": {"code": "invalid_request", "message": "…", "request_id": "…", "details": [{"field": "…", "message": "…"}]}}

Codes are stable; messages are for people. Neither repeats what the client sent, so no text leaks through an error.

  ApiError
    RequestTooLargeError            413 request_too_large
    UnsupportedMediaTypeError       415 unsupported_media_type
    UnsupportedEncodingError        415 unsupported_encoding
    InvalidBodyError                400 invalid_encoding
    InvalidJsonError                400 invalid_json
    InvalidHeaderError              400 invalid_header
    BodyTimeoutError                408 request_timeout
    InvalidRequestError             422 invalid_request
    InvalidFieldError               422 invalid_request
    NotFoundError                   404 not_found
    UnknownHeadError                404 unknown_head
    NotReleasedError                404 not_released
    RevokedError                    410 revoked
    RangeNotSatisfiableError        416 range_not_satisfiable
    UnauthorizedError               401 unauthorized
    ForbiddenError                  403 forbidden
    ModelRefusedError               409 model_refused
    NoRoomError                     507 store_full
    DeadlineExceededError           504 deadline_exceeded
    RetryLaterError                 with `Retry-After`
      OverloadedError               429 overloaded
      RateLimitedError              429 rate_limited
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

from pydantic import BaseModel

MAX_DETAILS = 20
_FIELD_PART_CHARS = 64
_MESSAGE_CHARS = 300
_LONGEST_RETRY_S = 60
Location = Sequence[str | int]


class ErrorDetail(BaseModel):
    """One invalid field."""

    field: str
    message: str


class ErrorContent(BaseModel):
    """The content of an error."""

    code: str
    message: str
    request_id: str
    details: list[ErrorDetail] | None = None


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorContent


def error_json(*, code: str, message: str, request_id: str, details: Sequence[ErrorDetail] = ()) -> str:
    """An `ErrorBody` as JSON."""
    content = ErrorContent(code=code, message=message, request_id=request_id, details=list(details) or None)
    return ErrorBody(error=content).model_dump_json(exclude_none=True)


class ApiError(Exception):
    """An error that the client sees: status and code belong to the class, the message is for people.

    Attributes:
        message: one sentence; by default that of the class.
        details: invalid fields.
        headers: further headers of the answer.
        retry_after_s: when the client may try again, in whole seconds; None for errors that time does not mend.
    """

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]
    default_message: ClassVar[str]
    default_headers: ClassVar[Mapping[str, str]] = {}
    retry_after_s: int | None = None

    def __init__(self, message: str | None = None, details: Sequence[ErrorDetail] = ()) -> None:
        self.message = self.default_message if message is None else message
        super().__init__(self.message)
        self.details = tuple(details)
        self.headers = self.default_headers


class RequestTooLargeError(ApiError):
    """The request exceeds a documented limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "request_too_large"


class UnsupportedMediaTypeError(ApiError):
    """The body is not declared as `application/json`."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class UnsupportedEncodingError(ApiError):
    """The body's `Content-Encoding` is not gzip."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_encoding"
    default_message = "unsupported Content-Encoding; send the body uncompressed or as gzip"
    default_headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "gzip"}


class InvalidBodyError(ApiError):
    """The body is not the gzip stream that its header declares."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_encoding"
    default_message = "the header Content-Encoding says gzip, but the body is not one gzip stream"


class BodyTimeoutError(ApiError):
    """The body did not arrive in time; the connection is closed."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "request_timeout"
    default_message = "the body did not arrive in time; send it faster, or send less"


class InvalidJsonError(ApiError):
    """The body is not JSON."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_json"
    default_message = "the body is not valid JSON"


class InvalidRequestError(ApiError):
    """Fields of the request are invalid: location and message of each error, or (not `complete`) of some.

    The first `MAX_DETAILS` are listed.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, found: Sequence[tuple[Location, str]], *, complete: bool = True) -> None:
        details = [ErrorDetail(field=_field(place), message=text[:_MESSAGE_CHARS]) for place, text in found]
        message = "the request is not valid: see details"
        if len(details) > MAX_DETAILS:
            message += f"; {len(details) - MAX_DETAILS:,} more errors are not listed"
        if not complete:
            message += "; only the first invalid element of each list is reported"
        super().__init__(message, details[:MAX_DETAILS])


class InvalidFieldError(ApiError):
    """A field asks for something that this model can't do."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, field: str, message: str) -> None:
        super().__init__("the request is not valid: see details", [ErrorDetail(field=field, message=message)])


class NotFoundError(ApiError):
    """Nothing is served under this path."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    default_message = HTTPStatus.NOT_FOUND.description


class UnknownHeadError(ApiError):
    """No head of this name is loaded; the message names those that are."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_head"

    def __init__(self, loaded: Iterable[str]) -> None:
        names = ", ".join(sorted(loaded))
        super().__init__(f"no such head; loaded are {names}" if names else "no head is loaded (EDGE_RANK_HEADS)")


class InvalidHeaderError(ApiError):
    """A header has an invalid value."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_header"


class DeadlineExceededError(ApiError):
    """The request's deadline passed before its work was done."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "deadline_exceeded"
    default_message = "the deadline passed before the work was done; allow more time or ask for less"


class RetryLaterError(ApiError):
    """The request is refused for now; `Retry-After` says when to try again."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = min(_LONGEST_RETRY_S, max(1, math.ceil(retry_after_s)))
        self.headers = {"Retry-After": str(self.retry_after_s)}


class OverloadedError(RetryLaterError):
    """The service has more work than it can finish in time."""

    code = "overloaded"


class RateLimitedError(RetryLaterError):
    """The API key exceeds its rate limit."""

    code = "rate_limited"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("this API key exceeds its rate limit; send requests more slowly", retry_after_s=retry_after_s)


class UnauthorizedError(ApiError):
    """The request has no valid API key."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"
    default_message = "send a valid API key, as Authorization: Bearer KEY"
    default_headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class ModelRefusedError(ApiError):
    """The requested model can't be served."""

    status = HTTPStatus.CONFLICT
    code = "model_refused"
    default_message = "that model can't be served, the current one stays; the service's log says why"


class NotReleasedError(ApiError):
    """That revision, file or delta is not released to devices."""

    status = HTTPStatus.NOT_FOUND
    code = "not_released"
    default_message = "that is not released; GET /v1/model/ lists what is"


class RevokedError(ApiError):
    """The revision is revoked: devices must not keep it."""

    status = HTTPStatus.GONE
    code = "revoked"
    default_message = "that revision is revoked; GET /v1/model/ lists its replacement"


class RangeNotSatisfiableError(ApiError):
    """The requested range lies outside the content."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    code = "range_not_satisfiable"

    def __init__(self, length: int) -> None:
        super().__init__("the header Range asks for bytes beyond the end of the content")
        self.headers = {"Content-Range": f"bytes */{length}"}


class NoRoomError(ApiError):
    """The item store is full."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "store_full"
    default_message = "the item store is full: none of these items was stored, and those stored before are kept"


class ForbiddenError(ApiError):
    """The API key lacks the right to do this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


def _field(location: Location) -> str:
    """A location as clients write it: `candidates[3].id`."""
    path = ""
    for part in location[1:] if location and location[0] == "body" else location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("<"):  # a name that exists only in the schema, such as one branch of a union
            path += f"{'.' if path else ''}{part[:_FIELD_PART_CHARS]}"
    return path or "body"
