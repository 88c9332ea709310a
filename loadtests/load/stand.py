"""The service under test, and the faults injected into it."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from loadtests.harness.processes import SERVE, Serving, serving
from loadtests.harness.redis_process import RedisProcess
from loadtests.load.shape import Act
from service.settings import load_settings


@dataclass
class Stand:
    """A running service with Redis.

    Attributes:
        service: the process.
        redis: its Redis.
        link: to the serving model.
        models: two folders with the same model, which swaps alternate between.
    """

    service: Serving
    redis: RedisProcess
    link: Path
    models: tuple[Path, Path]

    def do(self, act: Act) -> None:
        """Inject a fault; a swapped model takes over later, when it is loaded."""
        if act is Act.STOP_REDIS:
            self.redis.kill()
        elif act is Act.START_REDIS:
            self.redis.start()
        else:
            self._swap()

    def _swap(self) -> None:
        now = self.link.readlink()
        aside = self.link.with_suffix(".next")
        aside.symlink_to(self.models[1] if now == self.models[0] else self.models[0])
        aside.replace(self.link)
        os.kill(self.service.pid, signal.SIGHUP)


@contextmanager
def stand(redis: RedisProcess, *, core: int | None, log: IO[str]) -> Iterator[Stand]:
    """Run the service until the block ends, configured by `EDGE_RANK_*` variables.

    Args:
        redis: running.
        core: the service's only core, or None.
        log: receives the service's output.

    Raises:
        SystemExit: the service does not become ready.
    """
    with tempfile.TemporaryDirectory() as name:
        model, copy, link = load_settings().model.resolve(), Path(name, "copy"), Path(name, "current")
        shutil.copytree(model, copy)
        link.symlink_to(model)
        environment = {"EDGE_RANK_REDIS_URL": redis.url, "EDGE_RANK_MODEL": str(link)}
        with serving(SERVE, core=core, environment=environment, log=log) as service:
            yield Stand(service, redis, link, (model, copy))
