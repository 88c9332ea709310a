"""Clients of Redis."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from service.feature_store.redis.cluster import Cluster
from service.feature_store.redis.connection import bounded
from service.feature_store.redis.resolver import Resolver

Client = Redis | Cluster


def connect(url: str, *, timeout_s: float, connections: int, cluster: bool = False) -> Client:
    """A client that neither retries nor waits longer than stated: the caller does better without Redis than late.

    Args:
        url: of the server; of a cluster, of any of its nodes.
        timeout_s: most that a command may take, connecting included.
        connections: at the same time; of a cluster, to each node.
        cluster: whether it is a cluster.

    Raises:
        ValueError: the URL is not one that Redis clients read.
    """
    if cluster:
        return Cluster.at(
            url,
            max_connections=connections,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            require_full_coverage=False,
        )
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    if pool.connection_class in (Connection, SSLConnection):
        pool.connection_class = bounded(pool.connection_class)
        pool.connection_kwargs["resolver"] = Resolver()
    return Redis.from_pool(pool)
