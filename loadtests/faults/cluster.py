"""Faults of a Redis cluster."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loadtests.faults.redis import LOADING, answering, redis_settings
from loadtests.faults.scene import Fault, Scene, doing
from loadtests.harness.redis_cluster import redis_cluster
from loadtests.harness.redis_process import redis_executable, redis_process


@asynccontextmanager
async def cluster_node_killed() -> AsyncIterator[Scene]:
    """A cluster of six nodes loses a primary; its replica takes over."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(redis_settings(nodes[0], cluster=True), strike=doing(nodes[1].kill), mend=doing(nodes[1].start))


@asynccontextmanager
async def cluster_dead_at_start() -> AsyncIterator[Scene]:
    """No node of a cluster is there when the service starts; all come later."""
    with redis_cluster(redis_executable()) as nodes:
        for node in nodes:
            node.kill()
        yield Scene(redis_settings(nodes[0], cluster=True), mend=doing(*[node.start for node in nodes]))


@asynccontextmanager
async def cluster_killed() -> AsyncIterator[Scene]:
    """All nodes of a cluster crash, and come back empty."""
    with redis_cluster(redis_executable()) as nodes:
        strike, mend = ([getattr(node, do) for node in nodes] for do in ("kill", "start"))
        yield Scene(redis_settings(nodes[0], cluster=True), strike=doing(*strike), mend=doing(*mend))


@asynccontextmanager
async def cluster_primary_lost() -> AsyncIterator[Scene]:
    """A cluster loses a primary for good; its replica takes over."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(redis_settings(nodes[0], cluster=True), strike=doing(nodes[1].kill))


@asynccontextmanager
async def no_cluster() -> AsyncIterator[Scene]:
    """Redis is one server, and the service is told that it is a cluster."""
    with redis_process(redis_executable()) as redis:
        yield Scene(redis_settings(redis, cluster=True))


@asynccontextmanager
async def a_cluster() -> AsyncIterator[Scene]:
    """Redis is a cluster, and the service is not told so: most keys lie elsewhere."""
    with redis_cluster(redis_executable()) as nodes:
        yield Scene(redis_settings(nodes[0]))


CLUSTER_FAULTS = (
    Fault("Redis cluster loses a primary", cluster_node_killed),
    Fault("Redis cluster loses a primary for good", cluster_primary_lost),
    Fault("Redis cluster killed", cluster_killed),
    Fault("Redis cluster dead at start", cluster_dead_at_start),
    Fault("Redis cluster loading", answering(LOADING, cluster=True)),
    Fault("Redis cluster down", answering(b"-CLUSTERDOWN Hash slot not served\r\n", cluster=True)),
    Fault("Redis cluster moving for ever", answering(b"-MOVED 1 127.0.0.1:1\r\n", cluster=True)),
    Fault("Redis is no cluster", no_cluster),
    Fault("Redis is a cluster", a_cluster),
)
