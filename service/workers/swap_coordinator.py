"""Model swaps in all workers or none, by two-phase commit: all prepare the new model before any of them serves it.

A swap is abandoned if a worker refuses the model, dies, is late, or has prepared another one than the others. Once all
have prepared the same it can't fail: a worker that dies from then on is replaced by one that starts with the new model.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Literal

from service.artifact.artifact import ArtifactError
from service.workers.message import Message
from service.workers.snapshot import take_snapshot

_log = logging.getLogger(__name__)
_FIRST_S = 3600.0  # many items may have to be embedded again; missed pings reveal a stuck worker sooner
_OTHERS_S, _TIMES_THE_FIRST = 600.0, 10.0
_COMMIT_S = 10.0

Send = Callable[[int, Message], None]
Requester = tuple[int, int]
"""The source of a request for a swap: a worker's slot, and the number of its request."""


@dataclass
class _Swap:
    """The swap in progress; its number is also the snapshot's.

    `begun_at` is when preparing began, `due_at` when the current phase times out. Workers that take part, their answers
    and those that serve the new model are by slot.
    """

    number: int
    folder: Path
    requesters: list[Requester]
    phase: Literal["copying", "preparing", "committing"] = "copying"
    begun_at: float = 0.0
    due_at: float = float("inf")
    workers: set[int] = field(default_factory=set)
    prepared: dict[int, Message] = field(default_factory=dict)
    committed: set[int] = field(default_factory=set)


class SwapCoordinator:
    """Makes one swap after another. Requests for the same folder share a swap until it begins.

    Attributes:
        current: number of the snapshot that serves; new workers start with it.
    """

    def __init__(
        self,
        folder: Path,
        workers: Callable[[], Iterable[int]],
        send: Send,
        wake: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Start without a swap; the folder has the snapshot 0.

        `workers` returns the slots of those that have a model; `wake`, on any thread, makes the caller call `step`
        soon.
        """
        self.current = 0
        self._folder, self._workers, self._send, self._wake, self._clock = folder, workers, send, wake, clock
        self._waiting: dict[Path, list[Requester]] = {}
        self._swap: _Swap | None = None
        self._copied: tuple[int, bool] | None = None
        self._number = 0

    @property
    def under_way(self) -> bool:
        """True while a swap is in progress."""
        return self._swap is not None

    def snapshot(self, number: int | None = None) -> Path:
        """The folder of a snapshot; by default of the one that serves."""
        return self._folder / str(self.current if number is None else number)

    def request(self, folder: Path, requester: Requester | None = None) -> None:
        """Request that the model of a folder serves."""
        self._waiting.setdefault(folder, []).extend([] if requester is None else [requester])
        self._wake()

    def handle(self, slot: int, message: Message) -> None:
        """Handle a worker's message about a swap."""
        swap = self._swap
        if swap is None or message.number != swap.number or slot not in swap.workers:
            return
        if message.kind == "refused":
            self._abandon(f"worker {slot} refused it")
        elif message.kind == "prepared" and swap.phase == "preparing":
            self._note_prepared(swap, slot, message)
        elif message.kind == "committed":
            swap.committed.add(slot)
            self._finish_if_done(swap)

    def lose(self, slot: int) -> None:
        """Handle the death of a worker."""
        swap = self._swap
        if swap is None or slot not in swap.workers:
            return
        swap.workers.discard(slot)
        if swap.phase == "preparing":
            self._abandon(f"worker {slot} died meanwhile")
        else:
            self._finish_if_done(swap)

    def step(self) -> list[int]:
        """Do what has become possible or due.

        Returns:
            Slots of workers to be killed: they have prepared the model, but do not commit.
        """
        if self._copied is not None:
            number, done = self._copied
            self._copied = None
            self._begin(number, done=done)
        swap = self._swap
        if swap is None:
            self._next()
        elif self._clock() > swap.due_at:
            if swap.phase == "committing":
                return sorted(swap.workers - swap.committed)
            self._abandon("a worker takes too long")
        return []

    def close(self) -> None:
        """Refuse all requests: the service is stopping."""
        if self._swap is not None:
            self._abandon("the service is stopping")
        for requesters in self._waiting.values():
            self._answer(requesters, Message("not_swapped"))
        self._waiting.clear()

    def _next(self) -> None:
        if not self._waiting or not any(True for _ in self._workers()):
            return
        folder = next(iter(self._waiting))
        self._number += 1
        self._swap = _Swap(self._number, folder, self._waiting.pop(folder))
        threading.Thread(target=self._copy, args=(self._number, folder), name="snapshot", daemon=True).start()

    def _copy(self, number: int, folder: Path) -> None:
        try:
            take_snapshot(folder, self.snapshot(number))
        except ArtifactError as error:
            _log.error("the model of %s was refused, the current one stays: %s", folder, error)
            self._copied = number, False
        else:
            self._copied = number, True
        self._wake()

    def _begin(self, number: int, *, done: bool) -> None:
        swap = self._swap
        if swap is None or swap.number != number:
            shutil.rmtree(self.snapshot(number), ignore_errors=True)
            return
        swap.workers = set(self._workers())
        if not done or not swap.workers:
            self._abandon("it can't be read" if swap.workers else "there is no worker")
            return
        swap.phase, swap.begun_at = "preparing", self._clock()
        swap.due_at = swap.begun_at + _FIRST_S
        for slot in swap.workers:
            self._send(slot, Message("prepare", swap.number, folder=str(self.snapshot(swap.number))))

    def _note_prepared(self, swap: _Swap, slot: int, message: Message) -> None:
        swap.prepared[slot] = message
        if len({answer.fingerprint for answer in swap.prepared.values()}) > 1:
            self._abandon("workers have prepared different models or heads")
            return
        if len(swap.prepared) == 1:
            took = self._clock() - swap.begun_at
            swap.due_at = swap.begun_at + max(_OTHERS_S, _TIMES_THE_FIRST * took)
        if swap.prepared.keys() == swap.workers:
            self._commit(swap)

    def _commit(self, swap: _Swap) -> None:
        old, self.current = self.current, swap.number  # new workers start with it from now on
        swap.phase, swap.due_at = "committing", self._clock() + _COMMIT_S
        counts = min(swap.workers)
        for slot in list(swap.workers):
            self._send(slot, Message("commit", swap.number, counts=slot == counts))
        shutil.rmtree(self.snapshot(old), ignore_errors=True)
        self._finish_if_done(swap)

    def _finish_if_done(self, swap: _Swap) -> None:
        if swap.phase != "committing" or swap.workers - swap.committed:
            return
        prepared = next(iter(swap.prepared.values()))
        _log.info("all workers serve the model %s of %s", prepared.label, swap.folder)
        self._swap = None
        self._answer(swap.requesters, Message("swapped", label=prepared.label, revision=prepared.revision))
        self._wake()

    def _abandon(self, why: str) -> None:
        swap, self._swap = self._swap, None
        assert swap is not None  # noqa: S101 -- callers have checked
        _log.error("the model of %s was refused, the current one stays: %s", swap.folder, why)
        workers = set(swap.workers) or set(self._workers())
        counts = min(workers, default=None)
        for slot in workers:
            self._send(slot, Message("abandon", swap.number, counts=slot == counts))
        if swap.phase != "copying":  # else the copying thread still uses it
            shutil.rmtree(self.snapshot(swap.number), ignore_errors=True)
        self._answer(swap.requesters, Message("not_swapped"))
        self._wake()

    def _answer(self, requesters: Iterable[Requester], message: Message) -> None:
        for slot, number in requesters:
            self._send(slot, Message(message.kind, number, label=message.label, revision=message.revision))
