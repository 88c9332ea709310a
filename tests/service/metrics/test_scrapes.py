from itertools import count

from service.metrics.scrapes import Scrapes
from tests.service.clocks import Clock


async def test_each_of_a_few_readers_gets_what_is_and_many_get_what_was() -> None:
    clock, written = Clock(), count(1)
    scrapes = Scrapes(lambda: str(next(written)).encode(), clock)
    assert [await scrapes.text() for _ in range(22)] == [str(number).encode() for number in [*range(1, 21), 20, 20]]
    clock.now += 1
    assert [await scrapes.text() for _ in range(7)] == [b"21", b"22", b"23", b"24", b"25", b"25", b"25"]
