"""Creates a client of a Redis server or cluster."""

from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from service.feature_store.redis.cluster import Cluster
from service.feature_store.redis.connection import bounded
from service.feature_store.redis.resolver import Resolver

Client = Redis | Cluster


def connect(url: str, *, timeout_s: float, connections: int, cluster: bool = False) -> Client:
    """Create a client that neither retries nor exceeds its timeout: answers are better without Redis than late.

    The timeout includes connecting. Of a cluster, the URL is any node's, and the connections are to each node.

    Raises:
        ValueError: the URL is not valid.
    """
    options: dict[str, Any] = {
        "max_connections": connections,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
    }
    if cluster:
        return cast("Cluster", Cluster.from_url(url, require_full_coverage=False, **options))
    pool = BlockingConnectionPool.from_url(url, timeout=timeout_s, **options)
    if pool.connection_class in (Connection, SSLConnection):
        pool.connection_class = bounded(pool.connection_class)
        pool.connection_kwargs["resolver"] = Resolver()
    return Redis.from_pool(pool)
