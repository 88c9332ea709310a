"""The measurements of a peer, equal for all and on the same core."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from loadtests.harness.workload import Workload
from loadtests.peers.peer import Label, Peer, Place, Request, Running
from loadtests.peers.quality import Quality, measure_quality, texts_of
from loadtests.peers.tree import peak_megabytes, pin, resident_megabytes
from model_build.evaluation.tasks.search import SearchProblem

CANDIDATES = 100
_KNOWN, _CHUNK = 2000, 500
_WARM = 3
_FEWEST, _MOST = 8, 400
_SEED = 29


@dataclass(frozen=True)
class Measurement:
    """The measurements of a peer.

    Attributes:
        model_bytes: total size of its model's files.
        start_s: from the start of its process to its first answer, for one text.
        latencies_s: of each request, one after another.
        rate: requests per second at full load.
        resident_megabytes: memory after these requests.
        peak_megabytes: maximal memory until then.
        quality: None without data to measure it on.
    """

    label: Label
    model_bytes: int
    start_s: float
    latencies_s: Sequence[float]
    rate: float
    resident_megabytes: float
    peak_megabytes: float
    quality: Quality | None

    def percentile_ms(self, percent: float) -> float:
        """Percentile of the latency."""
        return float(np.percentile(self.latencies_s, percent)) * 1000


def measure(peer: Peer, place: Place, *, seconds: float, films: SearchProblem | None) -> Measurement:
    """Start a peer twice, and measure the second.

    The first start compiles its modules and fills the page cache.

    Args:
        peer: to measure.
        place: where it runs.
        seconds: approximate duration of the latency and of the rate measurement, with 8 to 400 requests each.
        films: to measure quality on, if given.

    Raises:
        PeerError: it can't be started or does not answer.
    """
    model_bytes = sum(file.stat().st_size for file in peer.files(place))
    draws = _Draws(remembered=peer.remembers)
    _start(peer, place, draws)
    started = time.perf_counter()
    with peer.start(place) as running:
        running.rank(draws.first())
        start_s = time.perf_counter() - started
        if place.core is not None:
            pin(running.pid, place.core)
        for chunk in draws.chunks_to_learn():
            running.learn(chunk)
        warm = running.latencies_s(draws.requests(_WARM))
        count = round(min(_MOST, max(_FEWEST, seconds / min(warm))))
        latencies_s = running.latencies_s(draws.requests(count))
        rate = running.rate(draws.requests(count))
        resident, peak = resident_megabytes(running.pid), peak_megabytes(running.pid)
        return Measurement(
            label=peer.label,
            model_bytes=model_bytes,
            start_s=start_s,
            latencies_s=latencies_s,
            rate=rate,
            resident_megabytes=resident,
            peak_megabytes=peak,
            quality=_quality(peer, running, films),
        )


class _Draws:
    """Requests of 100 texts like those of the demo catalogue: new ones, or drawn from cached ones."""

    def __init__(self, *, remembered: bool) -> None:
        self._workload = Workload(_SEED)
        self._known = [self._workload.text() for _ in range(_KNOWN)] if remembered else []
        self._draw = np.random.default_rng(_SEED)

    def first(self) -> Request:
        """A request with one text."""
        return Request(self._workload.query(), [self._workload.text()])

    def chunks_to_learn(self) -> list[list[str]]:
        """The texts that the peer is to cache, in uploads of the maximal size."""
        return [self._known[start : start + _CHUNK] for start in range(0, len(self._known), _CHUNK)]

    def requests(self, count: int) -> list[Request]:
        """Requests with new queries."""
        return [Request(self._workload.query(), self._texts()) for _ in range(count)]

    def _texts(self) -> list[str]:
        if not self._known:
            return [self._workload.text() for _ in range(CANDIDATES)]
        return [self._known[place] for place in self._draw.choice(_KNOWN, CANDIDATES, replace=False)]


def _start(peer: Peer, place: Place, draws: _Draws) -> None:
    with peer.start(place) as running:
        running.rank(draws.first())


def _quality(peer: Peer, running: Running, films: SearchProblem | None) -> Quality | None:
    if films is None:
        return None
    if peer.remembers:
        texts = texts_of(films)
        for start in range(0, len(texts), _CHUNK):
            running.learn(texts[start : start + _CHUNK])
    return measure_quality(films, running.rank)
