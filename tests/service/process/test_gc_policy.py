import asyncio
import gc
import weakref

from service.process.gc_policy import deferred_gc
from tests.service.apps import fake_model, running, settings, until
from tests.service.encoders import GatedEncoder


class Cycle:
    def __init__(self) -> None:
        self.itself = self


async def test_full_collections_are_made_at_idle_moments_alone() -> None:
    may = asyncio.Event()
    before = gc.get_threshold()
    async with deferred_gc(may.wait, every_s=0.01, patience_s=60):  # type: ignore[arg-type]
        garbage = weakref.ref(Cycle())
        gc.collect(1)  # it is garbage at once, and young
        assert garbage() is None
        old = Cycle()
        gc.collect(1)
        garbage = weakref.ref(old)
        del old
        gc.collect(1)
        await asyncio.sleep(0.05)
        assert garbage() is not None
        may.set()
        await until(lambda: garbage() is None)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


async def test_without_an_idle_moment_one_is_made_all_the_same() -> None:
    async with deferred_gc(asyncio.Event().wait, every_s=0.01, patience_s=0.01):  # type: ignore[arg-type]
        old = Cycle()
        gc.collect(1)
        garbage = weakref.ref(old)
        del old
        await until(lambda: garbage() is None)


async def test_a_service_is_idle_once_it_has_answered() -> None:
    encoder = GatedEncoder()
    async with running(settings(), model=fake_model(encoder)) as service:
        assert gc.get_freeze_count() > 0
        asked = asyncio.create_task(service.rank(query="coffee", candidates=[]))
        await until(lambda: service.metric("requests_in_flight") == 1)
        idle = asyncio.create_task(service.container.models.idle())
        await asyncio.sleep(0.01)
        assert not idle.done()
        encoder.gate.set()
        await asked
        await idle
