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

    def __init_subclass__(cls, *, status: HTTPStatus | None = None, code: str | None = None) -> None:
        super().__init_subclass__()
        if status is not None:
            cls.status = status
        if code is not None:
            cls.code = code

    def __init__(self, message: str | None = None, details: Sequence[ErrorDetail] = ()) -> None:
        self.message = self.default_message if message is None else message
        super().__init__(self.message)
        self.details = tuple(details)
        self.headers = self.default_headers


class RequestTooLargeError(ApiError, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, code="request_too_large"):
    """The request exceeds a documented limit."""


class UnsupportedMediaTypeError(ApiError, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code="unsupported_media_type"):
    """The body is not declared as `application/json`."""


class UnsupportedEncodingError(ApiError, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code="unsupported_encoding"):
    """The body's `Content-Encoding` is not gzip."""

    default_message = "unsupported Content-Encoding; send the body uncompressed or as gzip"
    default_headers: ClassVar[Mapping[str, str]] = {"Accept-Encoding": "gzip"}


class InvalidBodyError(ApiError, status=HTTPStatus.BAD_REQUEST, code="invalid_encoding"):
    """The body is not the gzip stream that its header declares."""

    default_message = "the header Content-Encoding says gzip, but the body is not one gzip stream"


class BodyTimeoutError(ApiError, status=HTTPStatus.REQUEST_TIMEOUT, code="request_timeout"):
    """The body did not arrive in time; the connection is closed."""

    default_message = "the body did not arrive in time; send it faster, or send less"


class InvalidJsonError(ApiError, status=HTTPStatus.BAD_REQUEST, code="invalid_json"):
    """The body is not JSON."""

    default_message = "the body is not valid JSON"


class InvalidRequestError(ApiError, status=HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid_request"):
    """Fields of the request are invalid; the first `MAX_DETAILS` are listed."""

    def __init__(self, found: Sequence[tuple[Location, str]], *, complete: bool = True) -> None:
        """Take location and message of each error; unless `complete`, the request has others."""
        details = [ErrorDetail(field=_field(place), message=text[:_MESSAGE_CHARS]) for place, text in found]
        message = "the request is not valid: see details"
        if len(details) > MAX_DETAILS:
            message += f"; {len(details) - MAX_DETAILS:,} more errors are not listed"
        if not complete:
            message += "; only the first invalid element of each list is reported"
        super().__init__(message, details[:MAX_DETAILS])


class InvalidFieldError(ApiError, status=HTTPStatus.UNPROCESSABLE_ENTITY, code="invalid_request"):
    """A field asks for something that this model can't do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("the request is not valid: see details", [ErrorDetail(field=field, message=message)])


class NotFoundError(ApiError, status=HTTPStatus.NOT_FOUND, code="not_found"):
    """Nothing is served under this path."""

    default_message = HTTPStatus.NOT_FOUND.description


class UnknownHeadError(ApiError, status=HTTPStatus.NOT_FOUND, code="unknown_head"):
    """No head of this name is loaded; the message names those that are."""

    def __init__(self, loaded: Iterable[str]) -> None:
        names = ", ".join(sorted(loaded))
        super().__init__(f"no such head; loaded are {names}" if names else "no head is loaded (EDGE_RANK_HEADS)")


class InvalidHeaderError(ApiError, status=HTTPStatus.BAD_REQUEST, code="invalid_header"):
    """A header has an invalid value."""


class DeadlineExceededError(ApiError, status=HTTPStatus.GATEWAY_TIMEOUT, code="deadline_exceeded"):
    """The request's deadline passed before its work was done."""

    default_message = "the deadline passed before the work was done; allow more time or ask for less"


class RetryLaterError(ApiError, status=HTTPStatus.TOO_MANY_REQUESTS):
    """The request is refused for now; `Retry-After` says when to try again."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = min(_LONGEST_RETRY_S, max(1, math.ceil(retry_after_s)))
        self.headers = {"Retry-After": str(self.retry_after_s)}


class OverloadedError(RetryLaterError, code="overloaded"):
    """The service has more work than it can finish in time."""


class RateLimitedError(RetryLaterError, code="rate_limited"):
    """The API key exceeds its rate limit."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("this API key exceeds its rate limit; send requests more slowly", retry_after_s=retry_after_s)


class UnauthorizedError(ApiError, status=HTTPStatus.UNAUTHORIZED, code="unauthorized"):
    """The request has no valid API key."""

    default_message = "send a valid API key, as Authorization: Bearer KEY"
    default_headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class ModelRefusedError(ApiError, status=HTTPStatus.CONFLICT, code="model_refused"):
    """The requested model can't be served."""

    default_message = "that model can't be served, the current one stays; the service's log says why"


class NotReleasedError(ApiError, status=HTTPStatus.NOT_FOUND, code="not_released"):
    """That revision, file or delta is not released to devices."""

    default_message = "that is not released; GET /v1/model/ lists what is"


class RevokedError(ApiError, status=HTTPStatus.GONE, code="revoked"):
    """The revision is revoked: devices must not keep it."""

    default_message = "that revision is revoked; GET /v1/model/ lists its replacement"


class RangeNotSatisfiableError(
    ApiError, status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, code="range_not_satisfiable"
):
    """The requested range lies outside the content."""

    def __init__(self, length: int) -> None:
        super().__init__("the header Range asks for bytes beyond the end of the content")
        self.headers = {"Content-Range": f"bytes */{length}"}


class NoRoomError(ApiError, status=HTTPStatus.INSUFFICIENT_STORAGE, code="store_full"):
    """The item store is full."""

    default_message = "the item store is full: none of these items was stored, and those stored before are kept"


class ForbiddenError(ApiError, status=HTTPStatus.FORBIDDEN, code="forbidden"):
    """The API key lacks the right to do this."""


def _field(location: Location) -> str:
    """A location as clients write it: `candidates[3].id`."""
    path = ""
    for part in location[1:] if location and location[0] == "body" else location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("<"):  # a name that exists only in the schema, such as one branch of a union
            path += f"{'.' if path else ''}{part[:_FIELD_PART_CHARS]}"
    return path or "body"
