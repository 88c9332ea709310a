"""What lies below a process's memory, as settings say it: opened at start, closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.features.breaker import CircuitBreaker
from service.features.expiry import Lifetime
from service.features.items import ProcessItems
from service.features.shared_items import SharedItems
from service.features.store import Tiers
from service.features.tiered import SharedTier
from service.features.write_behind import WriteBehind
from service.metrics import Metrics
from service.settings import Settings


@asynccontextmanager
async def opened_tiers(settings: Settings, metrics: Metrics) -> AsyncIterator[Tiers]:
    """Open what settings name."""
    async with _connected(settings, metrics) as shared:
        lifetime = Lifetime(settings.feature_ttl_s, settings.ttl_jitter)
        writer = None if shared is None else WriteBehind(shared, lifetime, metrics)
        try:
            if shared is not None:
                yield Tiers(SharedItems(shared, settings.prefix), None, shared, writer)
            else:
                items = ProcessItems(settings.memory_items)
                yield Tiers(items, items)
        finally:
            if writer is not None:
                await writer.close()


@asynccontextmanager
async def _connected(settings: Settings, metrics: Metrics) -> AsyncIterator[SharedTier | None]:
    if settings.redis_url is None:
        yield None
        return
    # The client takes a twentieth of the memory and a twelfth of the start: who has no Redis does not pay for it.
    from service.features.redis import RedisValues, connect  # noqa: PLC0415

    timeout_s = settings.redis_timeout_ms / 1000
    client = connect(
        settings.redis_url.get_secret_value(),
        timeout_s=timeout_s,
        connections=settings.redis_connections,
        cluster=settings.redis_cluster,
    )
    try:
        values = RedisValues(client, metrics, timeout_s=timeout_s)
        yield SharedTier(values, CircuitBreaker(cooldown_s=settings.redis_cooldown_s), metrics)
    finally:
        await client.aclose()
