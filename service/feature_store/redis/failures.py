"""Errors of Redis: their kinds, and what they imply for the next call."""

from collections.abc import Iterator
from socket import gaierror
from ssl import SSLError
from typing import Literal

from redis.exceptions import (
    AuthenticationError,
    AuthenticationWrongNumberOfArgsError,
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from service.feature_store.shared.failures import (
    OwnDelayError,
    StoreGoneError,
    StoreRefusedError,
    StoreUnavailableError,
)

Operation = Literal["get", "put"]
ErrorKind = Literal["timeout", "stalled", "connection", "authentication", "refused", "other"]
_WRITES_REFUSED = ("MISCONF", "NOREPLICAS")


def kind_of(error: BaseException, *, was_late: bool = False) -> ErrorKind:
    """The kind of an error, one of `REDIS_ERRORS`; `was_late`: this process was itself late."""
    if isinstance(error, RedisClusterException) and error.__cause__ is not None:
        return kind_of(error.__cause__, was_late=was_late)  # why no node could be reached
    if isinstance(error, AuthenticationError | AuthenticationWrongNumberOfArgsError | NoPermissionError):
        return "authentication"
    if isinstance(error, MaxConnectionsError):
        return "stalled"
    if isinstance(error, TimeoutError | RedisTimeoutError):
        return "stalled" if was_late else "timeout"
    if isinstance(error, RedisConnectionError | OSError):
        return "connection"
    return "refused" if isinstance(error, ResponseError) else "other"


def failure_of(error: Exception, kind: ErrorKind, operation: Operation, *, of_cluster: bool) -> StoreUnavailableError:
    """The failure to raise for an error."""
    message = f"Redis: {type(error).__name__}"
    if kind == "stalled":
        return OwnDelayError(message)
    if operation == "put" and _refuses_writes(error):
        return StoreRefusedError(message)
    # A cluster is gone only when none of its nodes can be reached.
    unreachable = isinstance(error, RedisClusterException) if of_cluster else _is_unreachable(error)
    if kind == "authentication" or (kind == "connection" and unreachable):
        return StoreGoneError(message)
    return StoreUnavailableError(message)


def _refuses_writes(error: Exception) -> bool:
    if isinstance(error, OutOfMemoryError | ReadOnlyError | NoPermissionError):
        return True
    return isinstance(error, ResponseError) and str(error).startswith(_WRITES_REFUSED)


def _is_unreachable(error: BaseException) -> bool:
    """Whether the connection is refused, the address does not exist, or TLS fails."""
    causes = ConnectionRefusedError | FileNotFoundError | gaierror | SSLError
    return any(isinstance(one, causes) for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
