from service.impressions.memory import RecentImpressions


def test_what_was_shown_is_known_and_nothing_else() -> None:
    memory = RecentImpressions(10)
    memory.put("r-1", ["a", "b"])
    memory.put("r-2", [])
    assert memory.has("r-1", "a")
    assert memory.has("r-1", "b")
    assert not memory.has("r-1", "c")
    assert not memory.has("r-2", "a")
    assert not memory.has("r-3", "a")


def test_the_oldest_is_forgotten_first() -> None:
    memory = RecentImpressions(2)
    for number in range(3):
        memory.put(f"r-{number}", ["a"])
    assert len(memory) == 2
    assert [memory.has(f"r-{number}", "a") for number in range(3)] == [False, True, True]


def test_a_request_id_that_comes_again_stands_for_the_latest_answer() -> None:
    memory = RecentImpressions(2)
    memory.put("r-1", ["a"])
    memory.put("r-2", ["a"])
    memory.put("r-1", ["b"])
    memory.put("r-3", ["a"])
    assert memory.has("r-1", "b")
    assert not memory.has("r-1", "a")
    assert not memory.has("r-2", "a")


def test_it_may_remember_nothing() -> None:
    memory = RecentImpressions(0)
    memory.put("r-1", ["a"])
    assert len(memory) == 0
    assert not memory.has("r-1", "a")


def test_each_of_many_is_known() -> None:
    memory, shown = RecentImpressions(1), [f"item-{number}" for number in range(1000)]
    memory.put("r-1", shown)
    assert all(memory.has("r-1", one) for one in shown)
    assert not any(memory.has("r-1", f"other-{number}") for number in range(1000))
