"""Embed a corpus on a Ray cluster, where it would keep one machine busy for days.

Batches stream through actors that hold the encoder (Ray Data's `Dataset.map` over an actor pool,
https://docs.ray.io/en/latest/data/batch_inference.html) and come back in order, so that this process writes
shards, and resumes at them, as it does alone. An actor has the recipe's number of threads and so splits sums as this
process would: processors of one kind give the same vectors, bit by bit. Where the cluster has GPUs, an actor of an
encoder that can use one has one to itself. Ray restarts a lost actor and gives its batches to another.
"""

import logging
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.common.errors import WorkersError
from model_build.teacher.workers import Embed

LOCAL = "local"


class RayWorkers:
    """Actors of a Ray cluster."""

    def __init__(self, address: str, threads: int) -> None:
        """Connect to a cluster, or with the address `local` start one on this machine; an actor has so many threads.

        The address is as `ray.init` takes it; `auto` is the cluster that this machine belongs to.

        Raises:
            WorkersError: Ray is not installed, there is no such cluster, or none of its machines has the processors.
        """
        self._ray = _connected(address)
        self._threads = threads
        resources = self._ray.cluster_resources()
        self._actors, self._gpus = int(resources.get("CPU", 0)) // threads, int(resources.get("GPU", 0))
        if not self._actors:
            self._ray.shutdown()
            raise WorkersError(f"the Ray cluster {address} has fewer processors than the recipe's threads ({threads})")

    def map(self, embed: Embed, batches: Iterable[Sequence[Any]]) -> Iterator[NDArray[np.floating]]:
        """Implement `Workers.map`."""
        rows = [{"batch": pickle.dumps(batch)} for batch in batches]
        if not rows:
            return
        gpus = self._gpus if embed.on_gpu else 0
        actors = min(gpus or self._actors, len(rows))
        shared = self._ray.put(pickle.dumps(embed))  # once, not once a batch
        embedded = self._ray.data.from_items(rows).map(
            _Actor,
            fn_constructor_args=(shared, self._threads),
            num_cpus=None if gpus else self._threads,  # Ray advises against asking for both
            num_gpus=1 if gpus else None,
            compute=self._ray.data.ActorPoolStrategy(min_size=1, max_size=actors),
        )
        for row in embedded.iter_rows():
            vectors: NDArray[np.floating] = pickle.loads(row["vectors"])  # noqa: S301 (this run's own actors wrote it)
            yield vectors

    def close(self) -> None:
        """Disconnect; a cluster started for this run ends."""
        self._ray.shutdown()


class _Actor:
    """One worker: holds the encoder and embeds batches."""

    def __init__(self, shared: Any, threads: int) -> None:  # noqa: ANN401 (Ray's reference, or its value)
        import ray  # noqa: PLC0415 (an optional extra)

        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(mode=True)
        pickled = ray.get(shared) if isinstance(shared, ray.ObjectRef) else shared
        self._embed: Embed = pickle.loads(pickled)  # noqa: S301 (this run's own driver wrote it)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        vectors = self._embed(pickle.loads(row["batch"]))  # noqa: S301 (as above)
        return {"vectors": pickle.dumps(vectors)}


def _connected(address: str) -> Any:  # noqa: ANN401 (Ray's module, an optional extra without types here)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no usage reports
    try:
        import ray  # noqa: PLC0415
        import ray.data  # noqa: PLC0415
    except ImportError:
        raise WorkersError("--ray needs Ray; try: pip install 'edge-rank[build,ray]'") from None
    try:
        if address == LOCAL:
            ray.init(address=LOCAL, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        else:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise WorkersError(f"the Ray cluster {address} can't be reached: {reason}") from None
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False  # the journal has one
    context.execution_options.preserve_order = True
    return ray
