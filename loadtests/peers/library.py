"""Peers that are libraries, called by one caller in a process of their own environment."""

import json
import select
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from loadtests.peers.peer import PeerError, Place, Request
from loadtests.peers.process import last_words, process

_ANSWER_S = 300.0


class Library:
    """A worker process that answers on its standard output."""

    def __init__(self, worker: subprocess.Popen[str], place: Place) -> None:
        self._worker, self._place = worker, place

    @property
    def pid(self) -> int:
        """The worker's process."""
        return self._worker.pid

    def rank(self, request: Request) -> Sequence[float]:
        """Score each text."""
        scores, _ = self._ask(request)
        return scores

    def latencies_s(self, requests: Sequence[Request]) -> Sequence[float]:
        """Seconds of each call, measured by the worker."""
        return [self._ask(request)[1] for request in requests]

    def rate(self, requests: Sequence[Request]) -> float:
        """Calls per second, one after another."""
        return len(requests) / sum(self.latencies_s(requests))

    def learn(self, texts: Sequence[str]) -> None:
        """Raise: libraries have no cache."""
        raise PeerError(f"a library remembers none of {len(texts)} texts")

    def _ask(self, request: Request) -> tuple[list[float], float]:
        if self._worker.stdin is None or self._worker.stdout is None:
            raise PeerError("the worker has no pipes")
        try:
            self._worker.stdin.write(json.dumps({"query": request.query, "texts": list(request.texts)}) + "\n")
            self._worker.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        ready, _, _ = select.select([self._worker.stdout], [], [], _ANSWER_S)
        if not ready:
            raise PeerError(f"it did not answer within {_ANSWER_S:.0f} s")
        line = self._worker.stdout.readline()
        if not line:
            raise self._ended()
        answer = json.loads(line)
        if len(answer["scores"]) != len(request.texts):
            raise PeerError(f"it gave {len(answer['scores'])} scores for {len(request.texts)} texts")
        return answer["scores"], answer["seconds"]

    def _ended(self) -> PeerError:
        self._worker.wait()
        return PeerError(f"it ended before it answered; {last_words(self._place)}")


@contextmanager
def library(module: str, arguments: Sequence[str], place: Place) -> Iterator[Library]:
    """Run `python -m MODULE ARGUMENTS`, which answers by `worker.answer`, until the block ends.

    Raises:
        PeerError: its environment has no Python.
    """
    with process(["-m", module, *arguments], place, piped=True) as worker:
        yield Library(worker, place)
