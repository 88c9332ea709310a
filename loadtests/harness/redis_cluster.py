"""A Redis cluster of six real processes: three primaries with a replica each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import Any

import redis

from loadtests.harness.redis_process import RedisProcess, redis_process

_SLOTS, _PRIMARIES, _NODES = 16_384, 3, 6
_WAIT_S = 20.0


@contextmanager
def redis_cluster(executable: str) -> Iterator[Sequence[RedisProcess]]:
    """Run a cluster that covers all slots until the block ends; its first three nodes are the primaries."""
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
    with ExitStack() as stack:
        nodes = [stack.enter_context(redis_process(executable, *options)) for _ in range(_NODES)]
        _join(nodes)
        yield nodes


def _join(nodes: Sequence[RedisProcess]) -> None:
    clients = [node.client for node in nodes]
    for place, client in enumerate(clients[:_PRIMARIES]):
        first, after = (_SLOTS * one // _PRIMARIES for one in (place, place + 1))
        _ask(client, "CLUSTER ADDSLOTS", *range(first, after))
    for node in nodes[1:]:
        _ask(clients[0], "CLUSTER MEET", "127.0.0.1", node.port)
    _until(lambda: all(len(_ask(client, "CLUSTER NODES")) == _NODES for client in clients))
    names = [_ask(client, "CLUSTER MYID") for client in clients]
    for place, client in enumerate(clients[_PRIMARIES:]):
        _ask(client, "CLUSTER REPLICATE", names[place])
    _until(lambda: all(_ask(client, "CLUSTER INFO")["cluster_state"] == "ok" for client in clients))
    _until(lambda: all(client.info("replication")["role"] == "slave" for client in clients[_PRIMARIES:]))
    for client in clients:
        client.close()


def _ask(client: redis.Redis, *command: object) -> Any:  # noqa: ANN401 (Redis answers differ by command)
    return client.execute_command(*command)  # type: ignore[no-untyped-call]


def _until(happened: Callable[[], bool]) -> None:
    give_up_at = monotonic() + _WAIT_S
    while not happened():
        if monotonic() > give_up_at:
            raise SystemExit("the Redis cluster did not come together")
        sleep(0.05)
