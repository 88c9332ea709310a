"""The time that a person waits for the device: for its first order, and for the next ones."""

import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.browser.browser import browsing
from tests.browser.playground import Playground

_QUERIES = ("split a dinner bill", "cinema tickets", "water bill", "a taxi to the airport", "charge my phone")


@dataclass(frozen=True)
class Speed:
    """Times on the device.

    Attributes:
        items: how many the catalogue has.
        first_s: seconds from the switch to the first order, with nothing cached: the download from this machine, the
            start of the runtime, and the embedding of all items.
        again_s: the same once the browser has cached what it may.
        rank_ms: median milliseconds from a keystroke to the order in the page.
    """

    items: int
    first_s: float
    again_s: float
    rank_ms: float


def measure(browser: Browser, url: str, items: int) -> Speed:
    """Measure a service's playground, whose catalogue has so many items."""
    with browsing(browser) as context:
        page = context.new_page()
        first_s = _switch_s(Playground.open(page, url))
        playground = Playground.open(page, url)
        again_s = _switch_s(playground)
        return Speed(items, first_s, again_s, statistics.median(_ranks_ms(playground)))


def _switch_s(playground: Playground) -> float:
    started = time.perf_counter()
    playground.move_to_device()
    return time.perf_counter() - started


def _ranks_ms(playground: Playground) -> list[float]:
    times = []
    for query in _QUERIES:
        playground.query.fill("")
        for length in range(3, len(query) + 1):
            playground.query.press_sequentially(query[:length] if length == 3 else query[length - 1])
            playground.settle(query[:length].strip())
            times.append(playground.took_ms())
    return times
