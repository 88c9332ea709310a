"""Opens the tiers below the in-process memory, as the settings say, and closes them at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.feature_store.expiry import JITTER, Lifetime
from service.feature_store.items.memory import MemoryItems
from service.feature_store.items.redis import RedisItems
from service.feature_store.items.store import LocalItems
from service.feature_store.shared.circuit_breaker import CircuitBreaker
from service.feature_store.shared.tier import SharedTier
from service.feature_store.shared.write_behind import WriteBehind
from service.feature_store.store import Tiers
from service.metrics.registry import Metrics
from service.settings import Settings

REDIS_CONNECTIONS = 32


@asynccontextmanager
async def opened_tiers(settings: Settings, metrics: Metrics) -> AsyncIterator[Tiers]:
    """Open the tiers that the settings name.

    Raises:
        StoreError: the store of items can't be used.
    """
    async with _connected(settings, metrics) as shared:
        if shared is not None and settings.item_store == "redis":
            async with _writer(shared, settings, metrics) as writer:
                yield Tiers(RedisItems(shared, settings.prefix), None, shared, writer)
            return
        items = open_items(settings)
        try:
            async with _writer(shared, settings, metrics) as writer:
                yield Tiers(items, items, shared, writer)
        finally:
            await asyncio.to_thread(items.close)


def open_items(settings: Settings) -> LocalItems:
    """Open the store of items on this machine.

    Raises:
        StoreError: it can't be used.
    """
    if settings.item_store == "memory":
        return MemoryItems(settings.memory_items)
    from service.feature_store.items.lmdb import LmdbItems  # noqa: PLC0415 -- only where it is used

    return LmdbItems.opened(settings.store_folder, most_bytes=settings.store_bytes)


def check_store(settings: Settings) -> None:
    """Check the store of items, if it is on this machine's disk.

    Raises:
        StoreError: it can't be used.
    """
    if settings.item_store == "embedded":
        from service.feature_store.items.lmdb import check  # noqa: PLC0415 -- only where it is used

        check(settings.store_folder, most_bytes=settings.store_bytes)


@asynccontextmanager
async def _writer(shared: SharedTier | None, settings: Settings, metrics: Metrics) -> AsyncIterator[WriteBehind | None]:
    if shared is None:
        yield None
        return
    writer = WriteBehind(shared, Lifetime(settings.feature_ttl_s, JITTER), metrics)
    try:
        yield writer
    finally:
        await writer.close()


@asynccontextmanager
async def _connected(settings: Settings, metrics: Metrics) -> AsyncIterator[SharedTier | None]:
    if settings.redis_url is None:
        yield None
        return
    # Importing the client takes a twelfth of the start-up time and a twentieth of the memory.
    from service.feature_store.redis.client import connect  # noqa: PLC0415
    from service.feature_store.redis.values import RedisValues  # noqa: PLC0415

    timeout_s = settings.redis_timeout_ms / 1000
    url, cluster = settings.redis_url.get_secret_value(), settings.redis_cluster
    client = connect(url, timeout_s=timeout_s, connections=REDIS_CONNECTIONS, cluster=cluster)
    try:
        values = RedisValues(client, metrics, timeout_s=timeout_s)
        yield SharedTier(values, CircuitBreaker(cooldown_s=settings.redis_cooldown_s), metrics)
    finally:
        await client.aclose()
