from loadtests.load.gates import summed
from loadtests.load.tally import Book, Tally


def test_a_tally_tells_only_what_is_new() -> None:
    tally = Tally()
    tally.at(3.7).asked += 2
    tally.at(1.0).asked += 1
    assert [(one["second"], one["asked"]) for one in tally.drain()] == [(1, 1), (3, 2)]
    assert tally.drain() == []
    tally.at(3.1).asked += 1
    assert [(one["second"], one["asked"]) for one in tally.drain()] == [(3, 1)]


def told(worker: int, second: int) -> list[dict[str, object]]:
    tally = Tally()
    tally.at(second).answered += worker
    tally.at(second).from_intended.add(0.01 * worker)
    tally.at(second).observed["late_ms"] = worker
    return tally.drain()


def test_a_book_puts_workers_together() -> None:
    book = Book()
    for worker in (1, 2):
        book.merge(told(worker, 4))
    second = book.second(4)
    assert second.answered == 3
    assert second.from_intended.count == 2
    assert second.observed == {"late_ms": 2}
    assert book.total.answered == 3


def test_none_is_missing() -> None:
    book = Book()
    book.merge(told(1, 2))
    assert [(one.second, one.answered) for one in book.seconds(0, 4)] == [(0, 0), (1, 0), (2, 1), (3, 0)]


def test_a_closed_second_still_takes_what_comes_late() -> None:
    book = Book(open_s=2)
    for second in range(20):
        book.merge(told(1, second))
    book.merge(told(5, 3))
    assert book.second(3).answered == 6
    assert book.second(3).from_intended.count == 2
    assert summed(book.seconds(0, 20)).answered == book.total.answered == 25
