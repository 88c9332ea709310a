"""A client of a Redis cluster, as strictly bounded as that of a single server."""

import asyncio
import time
from typing import Any, Self

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import ConnectionError as RedisConnectionError

from service.feature_store.redis.connection import bounded
from service.feature_store.redis.resolver import Resolver

_MAP_WITHIN_S = 5.0
_MAP_EVERY_S = 1.0


class Cluster(RedisCluster):
    """Fetches the cluster's slot map in the background, and again after failures.

    redis-py fetches the map within the call that needs it. That takes several round trips and starts over when the call
    times out, so that a more distant cluster is never reached. Nor does it fetch the map after a failed pipeline: a
    lost node would be used for ever, and its replica never.

    Attributes:
        turns: limits concurrent calls to the number of connections to a node.
    """

    def __init__(self, *, max_connections: int, **options: Any) -> None:  # noqa: ANN401 (redis-py's)
        """Take redis-py's options; `max_connections` are to each node."""
        super().__init__(max_connections=max_connections, **options)
        # A node's client fails instead of waiting when all its connections are in use.
        self.turns = asyncio.Semaphore(max_connections)
        self._url_nodes = [(node.host, node.port) for node in self.nodes_manager.startup_nodes.values()]
        self.nodes_manager.startup_nodes.clear()
        self.connection_kwargs |= {
            "connection_class": bounded(self.connection_kwargs["connection_class"]),
            "resolver": Resolver(),
        }
        self._mapping: asyncio.Task[Any] | None = None
        self._map_again_at = 0.0

    async def initialize(
        self,
        additional_startup_nodes_info: list[tuple[str, int]] | None = None,
        last_failed_node_name: str | None = None,
    ) -> Self:
        """Fetch the map of the cluster, unless it is known. A cancelled caller does not cancel the fetch.

        Raises:
            redis.exceptions.RedisClusterException: no node answers with a map.
            TimeoutError: none did in time.
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
        """Fetch the map again before the next call, at most once a second."""
        if time.monotonic() >= self._map_again_at:
            self._map_again_at = time.monotonic() + _MAP_EVERY_S
            self._initialize = True

    async def aclose(self) -> None:
        """Close all connections; later calls open new ones."""
        if self._mapping is not None:
            self._mapping.cancel()
        await super().aclose()
        for nodes in ("nodes_cache", "startup_nodes"):  # startup nodes are open while a map is fetched
            await self.nodes_manager.aclose(nodes)

    async def _map(self, others: list[tuple[str, int]], failed: str | None) -> None:
        # All nodes of the map may be gone, and new ones may have the name that the operator gave.
        for host, port in self._url_nodes:
            node = ClusterNode(host, port, **self.connection_kwargs)
            self.nodes_manager.startup_nodes.setdefault(node.name, node)
        async with asyncio.timeout(_MAP_WITHIN_S):
            await super().initialize(others, failed)


def _seen(mapping: asyncio.Task[Any]) -> None:
    """Keep asyncio from warning of a failure that no caller waits for any more."""
    if not mapping.cancelled():
        mapping.exception()
