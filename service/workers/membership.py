"""A worker's side of its service: it follows the supervisor, and asks it to swap the model in all workers."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from service.artifact.artifact import ArtifactError
from service.heads.manifest import HeadError
from service.models.manager import ModelManager
from service.models.model import Model
from service.models.readiness import Readiness
from service.models.runtime import ModelRuntime
from service.models.swap import Swapped, SwapRefusedError
from service.ranking.weights import RankerError
from service.workers.link import Link
from service.workers.message import Message

WAITING_FOR = "workers"
"""The reason for which a worker waits at the service's start: other workers are not ready yet."""


class Membership:
    """A worker's membership in its service; also a `Switch` of its model.

    Attributes:
        slot: the worker's number, from 0; its replacement has the same.
        folder: shared by all workers.
        is_orphan: whether the supervisor is gone.
    """

    def __init__(self, slot: int, folder: Path, link: Link) -> None:
        self.slot, self.folder, self._link = slot, folder, link
        self._models: ModelManager
        self._readiness: Readiness
        self.is_orphan = False
        self._accepting = asyncio.Event()
        self._on_lost: Callable[[], None] = lambda: None
        self._requests = itertools.count(1)
        self._requested: dict[int, asyncio.Future[Swapped]] = {}
        self._preparing: dict[int, asyncio.Task[ModelRuntime]] = {}

    def when_lost(self, end: Callable[[], None]) -> None:
        """Call `end` once the supervisor is gone."""
        self._on_lost = end

    async def accepting(self) -> None:
        """Wait until connections are to be accepted."""
        await self._accepting.wait()

    @asynccontextmanager
    async def joined(self, models: ModelManager, readiness: Readiness) -> AsyncIterator[None]:
        """Follow the supervisor until the block ends; swaps still awaited then are refused."""
        self._models, self._readiness = models, readiness
        self._link.attach(self._handle, self._lose)
        self._link.send(Message("started", fingerprint=_fingerprint(models.current.model)))
        try:
            yield
        finally:
            for future in self._requested.values():
                future.cancel()
            for task in self._preparing.values():
                task.cancel()
            await asyncio.gather(*self._preparing.values(), return_exceptions=True)

    def ready(self) -> None:
        """Report that this worker has all items."""
        self._link.send(Message("ready"))

    async def to(self, folder: Path | None) -> Swapped:
        """Swap the model in all workers, or in none."""
        number = next(self._requests)
        answer: asyncio.Future[Swapped] = asyncio.get_running_loop().create_future()
        self._requested[number] = answer
        self._link.send(Message("requested", number, folder=None if folder is None else str(folder)))
        try:
            return await answer
        except asyncio.CancelledError:
            if answer.cancelled():  # by the end of this worker, not by the caller
                raise SwapRefusedError from None
            raise
        finally:
            del self._requested[number]

    def _lose(self) -> None:
        self.is_orphan = True
        self._on_lost()

    def _handle(self, message: Message) -> None:
        match message.kind:
            case "ping":
                self._link.send(Message("pong"))
            case "accept":
                self._accepting.set()
            case "complete":
                self._readiness.settle(WAITING_FOR)
            case "prepare":
                task = asyncio.get_running_loop().create_task(self._prepare(message))
                self._preparing[message.number] = task
                task.add_done_callback(lambda done: self._prepared(message.number, done))
            case "commit":
                self._commit(message)
            case "abandon":
                self._abandon(message)
            case "swapped" | "not_swapped":
                self._answer(message)
            case "stop":
                signal.raise_signal(signal.SIGTERM)

    async def _prepare(self, message: Message) -> ModelRuntime:
        assert message.folder is not None  # noqa: S101 -- the supervisor names a copy
        return await self._models.prepare(Path(message.folder))

    def _prepared(self, number: int, task: asyncio.Task[ModelRuntime]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            if not isinstance(error, ArtifactError | RankerError | HeadError):
                asyncio.get_running_loop().call_exception_handler({"message": "a model", "exception": error})
            self._link.send(Message("refused", number))
            return
        model = task.result().model
        self._link.send(
            Message(
                "prepared", number, label=model.label, revision=model.manifest.revision, fingerprint=_fingerprint(model)
            )
        )

    def _commit(self, message: Message) -> None:
        self._models.commit(self._preparing.pop(message.number).result())
        if message.counts:
            self._models.count_swap(done=True)
        self._link.send(Message("committed", message.number))

    def _abandon(self, message: Message) -> None:
        task = self._preparing.pop(message.number, None)
        if message.counts:
            self._models.count_swap(done=False)
        if task is None or task.cancel() or task.cancelled() or task.exception() is not None:
            return
        self._models.abandon(task.result())

    def _answer(self, message: Message) -> None:
        future = self._requested.get(message.number)
        if future is None or future.done():
            return
        if message.kind == "swapped":
            future.set_result(Swapped(message.label, message.revision))
        else:
            future.set_exception(SwapRefusedError())


def _fingerprint(model: Model) -> str:
    """A value that is equal for two models that answer alike: their revision, and those of their heads."""
    heads = sorted(f"{name}:{head.facts.revision}" for name, head in model.heads.items())
    return " ".join([model.manifest.revision, *heads])
