import numpy as np

from service.feature_store.features import Features
from service.feature_store.memory import Entry, Memory
from service.metrics.registry import Metrics


def entry(text: str) -> Entry:
    return Entry(Features.of(np.ones((1, 2), dtype=np.float32), text), until=10)


def test_the_least_recently_used_goes_first_item_or_text() -> None:
    memory = Memory(Metrics(), capacity=2)
    memory.put("a", entry("a"))
    memory.put(b"a", entry("b"))
    assert memory.get("a") == entry("a")
    memory.put("c", entry("c"))
    assert (memory.get("a"), memory.get(b"a"), memory.get("c")) == (entry("a"), None, entry("c"))
    assert len(memory) == 2


def test_what_is_put_again_takes_the_place_of_what_was_there() -> None:
    memory = Memory(Metrics(), capacity=2)
    memory.put("a", entry("a"))
    memory.put("a", entry("b"))
    assert memory.get("a") == entry("b")
    memory.remove("a")
    memory.remove("a")
    assert memory.get("a") is None


def test_of_several_memories_one_tells_the_gauge() -> None:
    metrics = Metrics()
    first, second = Memory(metrics, capacity=9), Memory(metrics, capacity=9)
    first.report(on=True, pinned=3)
    first.put("a", entry("a"))
    for name in "ab":
        second.put(name, entry(name))
    assert metrics.registry.get_sample_value("edge_rank_memory_items") == 4
    first.report(on=False)
    second.report(on=True)
    first.put("b", entry("b"))
    assert metrics.registry.get_sample_value("edge_rank_memory_items") == 2
