import json

from loadtests.harness.workload import Case, Workload, chunks, texts_of


def test_a_request_has_what_its_case_says() -> None:
    workload = Workload()
    known = workload.items(20)
    request = json.loads(workload.rank_body(Case(10, 4), known))
    named = [one for one in request["candidates"] if "text" not in one]
    assert len(request["candidates"]) == 10
    assert len(named) == 4
    assert {one["id"] for one in named} <= {one["id"] for one in known}
    assert len({one["id"] for one in request["candidates"]}) == 10


def test_no_text_comes_twice_and_a_seed_gives_the_same() -> None:
    bodies = [[workload.rank_body(Case(20, 0), []) for _ in range(20)] for workload in (Workload(3), Workload(3))]
    assert bodies[0] == bodies[1]
    texts = [text for body in bodies[0] for text in texts_of(body)]
    assert len(set(texts)) == len(texts) == 20 * 21


def test_chunks_hold_everything() -> None:
    items = Workload().items(7)
    assert [len(chunk) for chunk in chunks(items, 3)] == [3, 3, 1]
    assert [one for chunk in chunks(items, 3) for one in chunk] == items
