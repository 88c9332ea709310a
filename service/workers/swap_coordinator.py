"""Another model in all workers or in none: all get ready to serve it, and only then any of them does.

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
_FIRST_S = 3600.0  # many items are to be embedded anew; a worker that is stuck is found out sooner
_OTHERS_S, _TIMES_THE_FIRST = 600.0, 10.0
_COMMIT_S = 10.0

Tell = Callable[[int, Message], None]
Asker = tuple[int, int]
"""Who wants a swap: a worker's slot, and the number of its question."""


@dataclass
class _Swap:
    """The one that is being made.

    Attributes:
        number: also of the snapshot.
        folder: what was asked for.
        askers: who wait for it.
        phase: what is being done.
        begun_at: when workers were told to prepare.
        due_at: when whoever has not answered is late.
        workers: the slots of those that take part.
        prepared: what they have told, by slot.
        committed: the slots of those that serve the new model.
    """

    number: int
    folder: Path
    askers: list[Asker]
    phase: Literal["copying", "preparing", "committing"] = "copying"
    begun_at: float = 0.0
    due_at: float = float("inf")
    workers: set[int] = field(default_factory=set)
    prepared: dict[int, Message] = field(default_factory=dict)
    committed: set[int] = field(default_factory=set)


class SwapCoordinator:
    """Makes one swap after the other. Whoever asks for the same folder before its turn has come shares a swap.

    Attributes:
        current: the number of the snapshot that serves; workers that start are to start with it.
    """

    def __init__(
        self,
        folder: Path,
        workers: Callable[[], Iterable[int]],
        tell: Tell,
        wake: Callable[[], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Make none yet.

        Args:
            folder: where snapshots are; number 0 is there already.
            workers: gives the slots of those that have a model.
            tell: sends a worker a message.
            wake: has `step` called soon; may be called on any thread.
            clock: seconds.
        """
        self.current = 0
        self._folder, self._workers, self._tell, self._wake, self._clock = folder, workers, tell, wake, clock
        self._waiting: dict[Path, list[Asker]] = {}
        self._swap: _Swap | None = None
        self._copied: tuple[int, bool] | None = None
        self._number = 0

    @property
    def under_way(self) -> bool:
        """Whether a swap is being made."""
        return self._swap is not None

    def snapshot(self, number: int | None = None) -> Path:
        """Where the model of a number is; by default the one that serves."""
        return self._folder / str(self.current if number is None else number)

    def ask(self, folder: Path, asker: Asker | None = None) -> None:
        """Somebody wants the model of a folder to serve."""
        self._waiting.setdefault(folder, []).extend([] if asker is None else [asker])
        self._wake()

    def hear(self, slot: int, message: Message) -> None:
        """A worker tells about a swap."""
        swap = self._swap
        if swap is None or message.number != swap.number or slot not in swap.workers:
            return
        if message.kind == "refused":
            self._abandon(f"worker {slot} refuses it")
        elif message.kind == "prepared" and swap.phase == "preparing":
            self._note_prepared(swap, slot, message)
        elif message.kind == "committed":
            swap.committed.add(slot)
            self._finish_if_done(swap)

    def lose(self, slot: int) -> None:
        """A worker has died."""
        swap = self._swap
        if swap is None or slot not in swap.workers:
            return
        swap.workers.discard(slot)
        if swap.phase == "preparing":
            self._abandon(f"worker {slot} died of it, or beside it")
        else:
            self._finish_if_done(swap)

    def step(self) -> list[int]:
        """Go on with what has become possible or due.

        Returns:
            The slots of workers that are to be killed: they have prepared a model, and do not take it over.
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
            self._abandon("it takes a worker too long")
        return []

    def close(self) -> None:
        """Refuse everything: the service ends."""
        if self._swap is not None:
            self._abandon("the service ends")
        for askers in self._waiting.values():
            self._answer(askers, Message("not_swapped"))
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
            _log.error("the model of %s was refused, the old one serves on: %s", folder, error)
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
            self._abandon("it can't be read" if swap.workers else "no worker is there")
            return
        swap.phase, swap.begun_at = "preparing", self._clock()
        swap.due_at = swap.begun_at + _FIRST_S
        for slot in swap.workers:
            self._tell(slot, Message("prepare", swap.number, folder=str(self.snapshot(swap.number))))

    def _note_prepared(self, swap: _Swap, slot: int, message: Message) -> None:
        swap.prepared[slot] = message
        if len({told.fingerprint for told in swap.prepared.values()}) > 1:
            self._abandon("workers have read different models or heads")
            return
        if len(swap.prepared) == 1:
            took = self._clock() - swap.begun_at
            swap.due_at = swap.begun_at + max(_OTHERS_S, _TIMES_THE_FIRST * took)
        if swap.prepared.keys() == swap.workers:
            self._commit(swap)

    def _commit(self, swap: _Swap) -> None:
        old, self.current = self.current, swap.number  # from now on workers start with it
        swap.phase, swap.due_at = "committing", self._clock() + _COMMIT_S
        counts = min(swap.workers)
        for slot in list(swap.workers):
            self._tell(slot, Message("commit", swap.number, counts=slot == counts))
        shutil.rmtree(self.snapshot(old), ignore_errors=True)
        self._finish_if_done(swap)

    def _finish_if_done(self, swap: _Swap) -> None:
        if swap.phase != "committing" or swap.workers - swap.committed:
            return
        told = next(iter(swap.prepared.values()))
        _log.info("all workers serve the model %s of %s", told.label, swap.folder)
        self._swap = None
        self._answer(swap.askers, Message("swapped", label=told.label, revision=told.revision))
        self._wake()

    def _abandon(self, why: str) -> None:
        swap, self._swap = self._swap, None
        assert swap is not None  # noqa: S101 -- callers look
        _log.error("the model of %s was refused, the old one serves on: %s", swap.folder, why)
        workers = set(swap.workers) or set(self._workers())
        counts = min(workers, default=None)
        for slot in workers:
            self._tell(slot, Message("abandon", swap.number, counts=slot == counts))
        if swap.phase != "copying":  # else the thread that copies is still at it
            shutil.rmtree(self.snapshot(swap.number), ignore_errors=True)
        self._answer(swap.askers, Message("not_swapped"))
        self._wake()

    def _answer(self, askers: Iterable[Asker], message: Message) -> None:
        for slot, question in askers:
            self._tell(slot, Message(message.kind, question, label=message.label, revision=message.revision))
