"""A client of a running service, small enough for the command line."""

from http.client import HTTPException

from pydantic import TypeAdapter, ValidationError

from service.api.schemas.rank import RankRequest
from service.errors import ErrorBody
from service.pull.connection import connection_to
from service.recommender.answer import RankResponse
from service.user_error import UserError

_ANSWER = TypeAdapter(RankResponse)


class ClientError(UserError):
    """The service did not return a ranking."""


def post_rank(url: str, request: RankRequest) -> RankResponse:
    """Request a ranking from the service at `url` (`http://host:port`, with or without a path before `/v1`).

    Raises:
        AddressError: the URL is not valid.
        ClientError: the service does not answer, or its answer is not a ranking.
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
