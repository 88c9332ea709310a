"""Errors as HTTP answers, whether the service expected them or not."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.errors import ApiError, ErrorDetail, InvalidRequestError, error_json
from service.http.request_state import RequestState

REQUEST_ID_HEADER = "X-Request-ID"


def api_error_response(error: ApiError, state: RequestState) -> Response:
    """The answer for an `ApiError`; its `Retry-After` is noted in the request's state."""
    state.retry_after_s = error.retry_after_s
    return _error_response(
        error.status, error.code, error.message, state.request_id, details=error.details, headers=error.headers
    )


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app with an `ErrorBody`."""
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected_error)


def _error_response(
    status: int,
    code: str,
    message: str,
    request_id: str,
    *,
    details: Sequence[ErrorDetail] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(
        error_json(code=code, message=message, request_id=request_id, details=details),
        status_code=status,
        media_type="application/json",
        headers={**(headers or {}), REQUEST_ID_HEADER: request_id},
    )


async def _on_api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 -- registered for this class alone
    return api_error_response(error, RequestState.of(request.scope))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class alone
    found = [(one["loc"], one["msg"]) for one in error.errors()]
    return api_error_response(InvalidRequestError(found), RequestState.of(request.scope))


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class alone
    status, request_id = HTTPStatus(error.status_code), RequestState.of(request.scope).request_id
    return _error_response(
        status, status.name.lower(), status.description or status.phrase, request_id, headers=error.headers
    )


async def _on_unexpected_error(request: Request, _error: Exception) -> Response:
    return _error_response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "the request failed for a reason inside the service",
        RequestState.of(request.scope).request_id,
    )
