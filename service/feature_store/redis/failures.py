"""What can go wrong with Redis: of which kind it is, and what it says of the next call."""

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

from service.feature_store.shared.failures import OwnDelayError, StoreGoneError, StoreRefusedError, StoreUnavailableError

Operation = Literal["get", "put"]
ErrorKind = Literal["timeout", "stalled", "connection", "authentication", "refused", "other"]
_TAKES_NOTHING = ("MISCONF", "NOREPLICAS")


def kind_of(error: BaseException, *, was_late: bool = False) -> ErrorKind:
    """An error's kind, of `metrics.REDIS_ERRORS`; `was_late`: so was this process while it waited."""
    if isinstance(error, RedisClusterException) and error.__cause__ is not None:
        return kind_of(error.__cause__, was_late=was_late)  # why no node could be asked
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
    """What whoever asked is told."""
    told = f"Redis: {type(error).__name__}"
    if kind == "stalled":
        return OwnDelayError(told)
    if operation == "put" and _takes_nothing(error):
        return StoreRefusedError(told)
    # Of a cluster, one node that is gone is not all of it: only where none could be asked, there is no doubt.
    nobody = isinstance(error, RedisClusterException) if of_cluster else _is_nobody(error)
    if kind == "authentication" or (kind == "connection" and nobody):
        return StoreGoneError(told)
    return StoreUnavailableError(told)


def _takes_nothing(error: Exception) -> bool:
    if isinstance(error, OutOfMemoryError | ReadOnlyError | NoPermissionError):
        return True
    return isinstance(error, ResponseError) and str(error).startswith(_TAKES_NOTHING)


def _is_nobody(error: BaseException) -> bool:
    """Whether nobody listens there, there is no such place, or TLS fails."""
    causes = ConnectionRefusedError | FileNotFoundError | gaierror | SSLError
    return any(isinstance(one, causes) for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
