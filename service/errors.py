"""What can go wrong with a request, and the one body in which every error is told.

  {"error": {"code": "invalid_request", "message": "…", "request_id": "…", "details": [{"field": "…", "message": "…"}]}}

Codes are stable; messages are for people. Neither repeats what the client sent, so that no text leaks through an error.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

REQUEST_ID_HEADER = "X-Request-ID"
_FIELD_PART_CHARS = 64


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


class RequestTooLargeError(ApiError):
    """The request is past a stated limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "request_too_large"


class UnsupportedMediaTypeError(ApiError):
    """The body is not declared as JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class DeadlineExceededError(ApiError):
    """The request's deadline passed before its work could start."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "deadline_exceeded"


def error_response(
    *,
    status: int,
    code: str,
    message: str,
    request_id: str,
    details: Sequence[ErrorDetail] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that tells an error."""
    body = ErrorBody(
        error=ErrorContent(code=code, message=message, request_id=request_id, details=list(details) or None)
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status_code=status,
        headers={**(headers or {}), REQUEST_ID_HEADER: request_id},
    )


def api_error_response(error: ApiError, request_id: str) -> JSONResponse:
    """The answer that tells an `ApiError`."""
    return error_response(
        status=error.status, code=error.code, message=error.message, request_id=request_id, details=error.details
    )


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of the app, expected or not, answer with an `ErrorBody`."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


async def _on_api_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101 -- registered for this class alone
    return api_error_response(error, request.state.request_id)


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return error_response(
            status=HTTPStatus.BAD_REQUEST,
            code="invalid_json",
            message="the body is not valid JSON",
            request_id=request.state.request_id,
        )
    return error_response(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        code="invalid_request",
        message="the request is not valid: see details",
        request_id=request.state.request_id,
        details=[ErrorDetail(field=_field(one["loc"]), message=one["msg"]) for one in found],
    )


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
    status = HTTPStatus(error.status_code)
    return error_response(
        status=status,
        code=status.name.lower(),
        message=status.description or status.phrase,
        request_id=request.state.request_id,
        headers=error.headers,
    )


async def _on_unexpected_error(request: Request, _error: Exception) -> JSONResponse:
    return error_response(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal_error",
        message="the request failed for a reason inside the service",
        request_id=request.state.request_id,
    )


def _field(location: Sequence[str | int]) -> str:
    """A field as a client writes it: `candidates[3].id`."""
    path = ""
    for part in location[1:] if location and location[0] == "body" else location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f"{'.' if path else ''}{part[:_FIELD_PART_CHARS]}"
    return path or "body"
