"""The service under load, and what is done to it meanwhile."""

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
    """A service with Redis that faults befall.

    Attributes:
        service: it.
        redis: its Redis.
        link: leads to the model that serves.
        models: two folders with the same model, between which a swap goes back and forth.
    """

    service: Serving
    redis: RedisProcess
    link: Path
    models: tuple[Path, Path]

    def do(self, act: Act) -> None:
        """Do it, and return when it is done; a model takes over later, when it is loaded."""
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
    """Serve until the block ends, as the environment's `EDGE_RANK_*` variables say.

    Args:
        redis: it is running.
        core: the only one that the service may use.
        log: gets what the service writes.

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
