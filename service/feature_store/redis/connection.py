"""Connections to Redis with bounded name resolution and parsing."""

from collections.abc import Mapping
from typing import Any

from redis.asyncio.connection import Connection, SSLConnection

from service.feature_store.redis.parser import BoundedParser
from service.feature_store.redis.resolver import Resolver


class _Bounded(Connection):
    def __init__(self, *, resolver: Resolver, **options: Any) -> None:  # noqa: ANN401 (redis-py's)
        super().__init__(parser_class=BoundedParser, **options)
        self._resolver = resolver
        self._address = ""

    async def _connect(self) -> None:
        failure: OSError | None = None
        for address in await self._resolver.addresses(self.host):
            self._address = address
            try:
                await super()._connect()  # type: ignore[no-untyped-call]
            except OSError as error:
                failure = error
            else:
                return
        raise failure or OSError("no address")

    def _connection_arguments(self) -> Mapping[str, Any]:
        arguments = {**super()._connection_arguments(), "host": self._address}
        return {**arguments, "server_hostname": self.host} if "ssl" in arguments else arguments


class BoundedConnection(_Bounded):
    """Over TCP."""


class BoundedSSLConnection(_Bounded, SSLConnection):
    """Over TLS; the certificate must be that of the host name, not of its address."""


def bounded(kind: type[Any]) -> type[Any]:
    """The bounded version of one of redis-py's connection classes."""
    return {Connection: BoundedConnection, SSLConnection: BoundedSSLConnection}.get(kind, kind)
