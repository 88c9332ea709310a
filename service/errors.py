"""What can go wrong with a request, and the one body in which every error is told.

  {"error": {"code": "invalid_request", "message": "…", "request_id": "…", "details": [{"field": "…", "message": "…"}]}}

Codes are stable; messages are for people. Neither repeats what the client sent, so that no text leaks through an error.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.security.rights import Right

REQUEST_ID_HEADER = "X-Request-ID"
MOST_DETAILS = 20
_FIELD_PART_CHARS = 64
_MESSAGE_CHARS = 300
Location = Sequence[str | int]
_LONGEST_RETRY_S = 60


class ErrorDetail(BaseModel):
    """One field that must be mended."""

    field: str
    message: str


class ErrorContent(BaseModel):
    """What went wrong."""

    code: str
    message: str
    request_id: str
    details: list[ErrorDetail] | None = None


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorContent


class ApiError(Exception):
    """An error that the client is told about: the status and code are the class's, the message is for people."""

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]

    def __init__(self, message: str, details: Sequence[ErrorDetail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.headers: dict[str, str] = {}


class RequestTooLargeError(ApiError):
    """The body or a list is past a limit, or the body holds more JSON values than any request within the limits."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "request_too_large"


class UnsupportedMediaTypeError(ApiError):
    """The body is not declared as `application/json`."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class UnsupportedEncodingError(ApiError):
    """The body is compressed otherwise than with gzip."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_encoding"

    def __init__(self) -> None:
        super().__init__("of the ways to compress a body, gzip is read here")
        self.headers = {"Accept-Encoding": "gzip"}


class InvalidBodyError(ApiError):
    """`Content-Encoding` says gzip, and the body is not one gzip stream."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_encoding"

    def __init__(self) -> None:
        super().__init__("the body is not one gzip stream, though the header Content-Encoding says so")


class BodyTimeoutError(ApiError):
    """The body did not arrive in time; the connection is closed."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "request_timeout"

    def __init__(self) -> None:
        super().__init__("the body did not arrive in time; send it faster, or less of it")


class InvalidJsonError(ApiError):
    """The body is not JSON."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_json"

    def __init__(self) -> None:
        super().__init__("the body is not valid JSON")


class InvalidRequestError(ApiError):
    """A field is missing, misspelt, out of range, or repeats an id."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, found: Sequence[tuple[Location, str]], *, all_told: bool = True) -> None:
        """Tell the first of the errors.

        Args:
            found: where each is and what is wrong there.
            all_told: whether those are all that there are.
        """
        details = [ErrorDetail(field=_field(place), message=text[:_MESSAGE_CHARS]) for place, text in found]
        message = "the request is not valid: see details"
        if len(details) > MOST_DETAILS:
            message += f"; {len(details) - MOST_DETAILS:,} more are wrong"
        if not all_told:
            message += "; of each list, no more than the first wrong element is told"
        super().__init__(message, details[:MOST_DETAILS])


class InvalidFieldError(ApiError):
    """A field has a value that this model does not support."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, field: str, message: str) -> None:
        super().__init__("the request is not valid: see details", [ErrorDetail(field=field, message=message)])


class NotFoundError(ApiError):
    """There is no such route."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"

    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_FOUND.description)


class UnknownHeadError(ApiError):
    """No head of this name is loaded; the message names those that are."""

    status = HTTPStatus.NOT_FOUND
    code = "unknown_head"

    def __init__(self, loaded: Iterable[str]) -> None:
        names = ", ".join(sorted(loaded))
        super().__init__(f"no such head; loaded are {names}" if names else "no head is loaded (EDGE_RANK_HEADS)")


class InvalidHeaderError(ApiError):
    """A header has a value that it may not have; `X-Request-Deadline-Ms` takes a whole number of milliseconds."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid_header"


class DeadlineExceededError(ApiError):
    """The request's deadline passed before its work was done."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "deadline_exceeded"

    def __init__(self) -> None:
        super().__init__("the deadline passed before the work was done; allow more time or ask for less")


class OverloadedError(ApiError):
    """The request cannot be answered in time, or too much waits already; `Retry-After` says when to come again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "overloaded"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.headers = _retry_after(retry_after_s)


class RateLimitedError(ApiError):
    """The API key has made more requests than its limit allows; `Retry-After` says when to come again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "rate_limited"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("this API key makes more requests than it may; send them more slowly")
        self.headers = _retry_after(retry_after_s)


class UnauthorizedError(ApiError):
    """API keys are required, and the request has none, or not one of them."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("send an API key that this service knows, as Authorization: Bearer KEY")
        self.headers = {"WWW-Authenticate": "Bearer"}


class ModelRefusedError(ApiError):
    """The model may not be served; the old one goes on serving."""

    status = HTTPStatus.CONFLICT
    code = "model_refused"

    def __init__(self) -> None:
        super().__init__("that model may not be served, the old one serves on; the service's log says why")


class NotReleasedError(ApiError):
    """That revision, file or delta is not released to devices."""

    status = HTTPStatus.NOT_FOUND
    code = "not_released"

    def __init__(self) -> None:
        super().__init__("that is not released; GET /v1/model/ lists what is")


class RevokedError(ApiError):
    """That revision is revoked: no device is to keep it."""

    status = HTTPStatus.GONE
    code = "revoked"

    def __init__(self) -> None:
        super().__init__("that revision is revoked; GET /v1/model/ lists what takes its place")


class RangeNotSatisfiableError(ApiError):
    """The requested range lies outside the file."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    code = "range_not_satisfiable"

    def __init__(self, length: int) -> None:
        super().__init__("the header Range asks for bytes that are not there")
        self.headers = {"Content-Range": f"bytes */{length}"}


class NoRoomError(ApiError):
    """There is no room for the items of a `PUT`; none of them was stored, and rankings go on."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "store_full"

    def __init__(self) -> None:
        super().__init__("there is no room for these items, and none of them was stored; what was there is there still")


class ForbiddenError(ApiError):
    """The API key lacks the right that the message names."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"

    @classmethod
    def lacking(cls, right: Right) -> "ForbiddenError":
        """The key lacks a right."""
        return cls(f'this API key lacks the right "{right}", which the file of keys may give it')


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(min(_LONGEST_RETRY_S, max(1, math.ceil(seconds))))}


def error_response(
    *,
    status: int,
    code: str,
    message: str,
    request_id: str,
    details: Sequence[ErrorDetail] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells an error."""
    body = ErrorBody(
        error=ErrorContent(code=code, message=message, request_id=request_id, details=list(details) or None)
    )
    return Response(
        body.model_dump_json(exclude_none=True),
        status_code=status,
        media_type="application/json",
        headers={**(headers or {}), REQUEST_ID_HEADER: request_id},
    )


def api_error_response(error: ApiError, request_id: str) -> Response:
    """The answer that tells an `ApiError`."""
    return error_response(
        status=error.status,
        code=error.code,
        message=error.message,
        request_id=request_id,
        details=error.details,
        headers=error.headers,
    )


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of the app, expected or not, answer with an `ErrorBody`."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


async def _on_api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 -- registered for this class alone
    return api_error_response(error, request.state.request_id)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
    found = [(one["loc"], one["msg"]) for one in error.errors()]
    return api_error_response(InvalidRequestError(found), request.state.request_id)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
    status = HTTPStatus(error.status_code)
    return error_response(
        status=status,
        code=status.name.lower(),
        message=status.description or status.phrase,
        request_id=request.state.request_id,
        headers=error.headers,
    )


async def _on_unexpected_error(request: Request, _error: Exception) -> Response:
    return error_response(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal_error",
        message="the request failed for a reason inside the service",
        request_id=request.state.request_id,
    )


def _field(location: Location) -> str:
    """A field as a client writes it: `candidates[3].id`."""
    path = ""
    for part in location[1:] if location and location[0] == "body" else location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("<"):  # what only the schema has a name for, such as one of two forms
            path += f"{'.' if path else ''}{part[:_FIELD_PART_CHARS]}"
    return path or "body"
