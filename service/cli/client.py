"""A client of a running service, small enough for the command line."""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from pydantic import TypeAdapter, ValidationError

from service.api.schemas.rank import RankRequest, RankResponse
from service.errors import ErrorBody

_TIMEOUT_S = 10.0
_ANSWER = TypeAdapter(RankResponse)


class ClientError(Exception):
    """The service did not give a ranking; the message says in one line why."""


def post_rank(url: str, request: RankRequest) -> RankResponse:
    """Ask the service at `url` (`http://host:port`, with or without a path before `/v1`) for a ranking.

    Raises:
        ClientError: the URL is not one, nobody answers there, or the answer is not a ranking.
    """
    connection, parts = connection_to(url)
    try:
        connection.request(
            "POST",
            f"{parts.path.rstrip('/')}/v1/rank",
            body=request.model_dump_json(exclude_unset=True),
            headers={"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        status, body = response.status, response.read()
    except (OSError, HTTPException) as error:
        raise ClientError(f"{url} does not answer: {error}") from None
    finally:
        connection.close()
    try:
        if status == 200:
            return _ANSWER.validate_json(body)
        reason = ErrorBody.model_validate_json(body).error.message
    except ValidationError:
        raise ClientError(f"{url} answers with status {status}, but not as Edge Rank does") from None
    raise ClientError(f"{url} refuses: {reason}")


def connection_to(url: str) -> tuple[HTTPConnection, SplitResult]:
    """A connection to the service at a URL, not opened yet, and the URL's parts.

    Raises:
        ClientError: the URL is not one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ClientError(f"{url} is not an http:// or https:// address") from None
    if parts.scheme not in ("http", "https") or host is None:
        raise ClientError(f"{url} is not an http:// or https:// address")
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return connect(host, port, timeout=_TIMEOUT_S), parts
