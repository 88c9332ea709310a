from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from os import getpid
from pathlib import Path

from loadtests.peers.measurement import measure
from loadtests.peers.peer import ROOT, Peer, Place, Request, Running
from tests.loadtests.peers.fakes import WordCounter, place_in
from tests.loadtests.peers.test_quality import FILMS


@dataclass(frozen=True)
class Recorder(WordCounter):
    """A peer, in this process, that keeps what it is asked; a request takes it a tenth of a second, it says."""

    remembers: bool = True
    learned: list[str] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    starts: list[Place] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return getpid()

    def start(self, place: Place) -> AbstractContextManager[Running]:
        self.starts.append(place)
        return self._running()

    @contextmanager
    def _running(self) -> Iterator[Running]:
        yield self

    def rank(self, request: Request) -> Sequence[float]:
        self.asked.append(request)
        return [float(text in self.learned) for text in request.texts]

    def latencies_s(self, requests: Sequence[Request]) -> Sequence[float]:
        self.asked.extend(requests)
        return [0.1] * len(requests)

    def rate(self, requests: Sequence[Request]) -> float:
        return len(self.latencies_s(requests)) / 2.0

    def learn(self, texts: Sequence[str]) -> None:
        self.learned.extend(texts)


def test_all_of_a_peer_is_measured(tmp_path: Path) -> None:
    peer: Peer = WordCounter()
    measured = measure(peer, place_in(tmp_path), seconds=0.0, films=FILMS)
    assert measured.model_bytes == (ROOT / "LICENSE").stat().st_size
    assert measured.label == peer.label
    assert len(measured.latencies_s) == 8
    assert 0 < measured.percentile_ms(50) <= measured.percentile_ms(90)
    assert measured.start_s > 0
    assert measured.rate > 0
    assert 5 < measured.resident_megabytes <= measured.peak_megabytes
    assert measured.quality is not None
    assert 0 < measured.quality.value < 1


def test_a_peer_is_asked_as_long_as_is_said_and_never_the_same(tmp_path: Path) -> None:
    peer = Recorder(remembers=False)
    measured = measure(peer, place_in(tmp_path), seconds=2.0, films=None)
    assert len(measured.latencies_s) == 20
    assert measured.rate == 10.0
    assert measured.quality is None
    assert len(peer.starts) == 2
    texts = [text for request in peer.asked for text in request.texts]
    assert {len(request.texts) for request in peer.asked} == {1, 100}
    assert len(set(texts)) == len(texts)
    assert len({request.query for request in peer.asked}) == len(peer.asked) == 2 + 3 + 20 + 20
    assert peer.learned == []


def test_a_peer_that_remembers_is_asked_for_what_it_has_learned(tmp_path: Path) -> None:
    peer = Recorder()
    measure(peer, place_in(tmp_path), seconds=0.0, films=FILMS)
    assert len(peer.learned) == 2000 + len(FILMS.documents) - 1
    asked = [text for request in peer.asked if len(request.texts) != 1 for text in request.texts]
    assert set(asked) <= set(peer.learned)
    assert all(len(set(request.texts)) == len(request.texts) for request in peer.asked)
