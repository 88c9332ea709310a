import asyncio

from loadtests.benchmarks.item_bytes import drawn, embedded, measure
from loadtests.harness.redis_process import redis_executable, redis_process
from service.feature_store.items.record import pack_record
from service.models.model import load_model
from service.settings import BUNDLED_MODEL


def test_bytes_of_items_in_a_real_redis() -> None:
    records = embedded(drawn(50), load_model(BUNDLED_MODEL, run_tokens=4096, on_run=lambda _: None))
    with redis_process(redis_executable()) as server:
        measured = asyncio.run(measure(server, records))
    assert measured.items == len(records) == 50
    assert measured.packed == sum(len(pack_record(one)) for one in records.values()) / 50
    # The key adds 34 bytes; what Redis adds to both is no multiple of them.
    assert measured.packed + 34 < measured.least <= measured.usage <= measured.most < 2 * measured.packed
    assert measured.grown > measured.packed + 34
