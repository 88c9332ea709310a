"""An encoder off the event loop: encoding takes milliseconds of processor, which no other request should wait for."""

import time
from collections.abc import Sequence

import anyio
import anyio.to_thread

from service.deadline import Deadline
from service.encoder.base import Encoder, Encoding
from service.metrics import Metrics


class ThreadedEncoder:
    """Runs an encoder on worker threads, a bounded number at the same time; the rest wait in order of arrival."""

    def __init__(self, encoder: Encoder, metrics: Metrics, *, threads: int) -> None:
        self._encoder = encoder
        self._metrics = metrics
        self._limiter = anyio.CapacityLimiter(threads)

    async def encode(self, texts: Sequence[str], deadline: Deadline) -> Encoding:
        """Embed texts once a thread is free.

        Raises:
            DeadlineExceededError: the deadline passed while the texts waited; they were not embedded.
        """
        if not texts:
            return self._encoder.encode(texts)
        waiting_since = time.perf_counter()
        async with self._limiter:
            self._metrics.stage_seconds.labels("queue").observe(time.perf_counter() - waiting_since)
            deadline.check()
            return await anyio.to_thread.run_sync(self._encoder.encode, texts)
