"""A cluster's client that is as well bounded as that of one server."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self, cast

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import ConnectionError as RedisConnectionError

from service.feature_store.redis.connection import bounded
from service.feature_store.redis.resolver import Resolver

_MAP_WITHIN_S = 5.0
_MAP_EVERY_S = 1.0


class Cluster(RedisCluster):
    """Asks in the background which node has what, whoever waits for it, and again after failures.

    redis-py asks within the call that needs it. That takes several round trips and is begun anew where the call is
    given up, so that a cluster a little farther away would never be reached. Nor does it ask again after a pipeline has
    failed: without that, a node that is gone for good would be asked for ever, and its replica never.
    """

    def __init__(self, *, max_connections: int, **options: Any) -> None:  # noqa: ANN401 (redis-py's)
        """As redis-py's own; `max_connections` to each node."""
        super().__init__(max_connections=max_connections, **options)
        # A node's client does not wait for a connection that is free, but fails where there is none.
        self._turns = asyncio.Semaphore(max_connections)
        self._url_nodes = [(node.host, node.port) for node in self.nodes_manager.startup_nodes.values()]
        self.nodes_manager.startup_nodes.clear()
        self.connection_kwargs |= {
            "connection_class": bounded(self.connection_kwargs["connection_class"]),
            "resolver": Resolver(),
        }
        self._mapping: asyncio.Task[Any] | None = None
        self._map_again_at = 0.0

    @classmethod
    def at(cls, url: str, **options: Any) -> Self:  # noqa: ANN401 (redis-py's)
        """A client of the cluster that the node at a URL belongs to.

        Raises:
            ValueError: the URL is not one that Redis clients read.
        """
        return cast("Self", cls.from_url(url, **options))

    async def initialize(
        self,
        additional_startup_nodes_info: list[tuple[str, int]] | None = None,
        last_failed_node_name: str | None = None,
    ) -> Self:
        """Have a map of the cluster, unless there is one. Whoever gives up waiting does not end the work on it.

        Raises:
            redis.exceptions.RedisClusterException: no node could be asked, or gives no map.
            TimeoutError: none is there in time.
        """
        if not self._initialize:
            return self
        if self._mapping is None or self._mapping.done():
            self._mapping = asyncio.create_task(self._map(additional_startup_nodes_info or [], last_failed_node_name))
            self._mapping.add_done_callback(_seen)
        mapping = self._mapping
        await asyncio.wait([mapping])
        if mapping.cancelled():
            raise RedisConnectionError("the client was closed")
        mapping.result()
        return self

    def look_again(self) -> None:
        """Something failed: ask anew which node has what before the next call, but once a second at most."""
        if time.monotonic() >= self._map_again_at:
            self._map_again_at = time.monotonic() + _MAP_EVERY_S
            self._initialize = True

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """While a call is made: there are as many at a time as there are connections to each node."""
        async with self._turns:
            yield

    async def aclose(self) -> None:
        """Close all connections; a call that comes later opens new ones."""
        if self._mapping is not None:
            self._mapping.cancel()
        await super().aclose()
        for nodes in ("nodes_cache", "startup_nodes"):  # open, too, where a map was to be made anew
            await self.nodes_manager.aclose(nodes)

    async def _map(self, others: list[tuple[str, int]], failed: str | None) -> None:
        # All the nodes that a map had may be gone, and others have come under the name that the operator gave.
        for host, port in self._url_nodes:
            node = ClusterNode(host, port, **self.connection_kwargs)
            self.nodes_manager.startup_nodes.setdefault(node.name, node)
        async with asyncio.timeout(_MAP_WITHIN_S):
            await super().initialize(others, failed)


def _seen(mapping: asyncio.Task[Any]) -> None:
    """Whoever waited is told; if nobody does any more, asyncio need not complain."""
    if not mapping.cancelled():
        mapping.exception()
