"""Creates a client of a Redis server or cluster."""

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

    Args:
        url: of the server, or of any node of the cluster.
        timeout_s: most seconds of a command, connecting included.
        connections: most open connections; of a cluster, to each node.
        cluster: whether it is a cluster.

    Raises:
        ValueError: the URL is not valid.
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
