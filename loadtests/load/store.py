"""A Redis that holds every item of a catalogue, embedded once and kept for later runs.

A hundred thousand items take a core more than a minute, and the result depends on catalogue, number of items and model
only. So Redis's snapshot is kept under a name made of these.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.progress import Progress

from loadtests.harness.processes import SERVE, serving
from loadtests.harness.redis_process import RedisProcess, redis_executable
from loadtests.load.catalogue import Catalogue
from loadtests.load.plan import Plan
from service.artifact.artifact import load_artifact
from service.settings import load_settings

SNAPSHOT = "dump.rdb"
_CHUNK, _LEAST_KEPT = 500, 0.99


@contextmanager
def filled_redis(plan: Plan, snapshots: Path, progress: Progress) -> Iterator[RedisProcess]:
    """Run a Redis with all items of the plan's catalogue, also after a restart; empty for a cold shape.

    Raises:
        SystemExit: the upload of the items failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        redis = RedisProcess(redis_executable(), folder)
        try:
            if plan.shape.cold:
                redis.start()
            else:
                _start_filled(redis, plan, folder / SNAPSHOT, snapshots, progress)
            yield redis
        finally:
            redis.kill()


def _start_filled(redis: RedisProcess, plan: Plan, dump: Path, snapshots: Path, progress: Progress) -> None:
    kept = snapshots / f"{_key(plan)}.rdb"
    if kept.exists():
        shutil.copyfile(kept, dump)
    redis.start()
    if _items_in(redis) >= _LEAST_KEPT * plan.catalogue.count:  # fewer, if some have expired
        return
    _fill(redis, plan.catalogue, progress)
    with redis.client as client:
        client.save()
    snapshots.mkdir(parents=True, exist_ok=True)
    aside = kept.with_suffix(".part")
    shutil.copyfile(dump, aside)
    aside.replace(kept)


def _fill(redis: RedisProcess, catalogue: Catalogue, progress: Progress) -> None:
    environment = {"EDGE_RANK_REDIS_URL": redis.url}
    putting = progress.add_task("embedding items", total=catalogue.count)
    with serving(SERVE, environment=environment) as service, httpx.Client(base_url=service.url, timeout=60) as client:
        for start in range(0, catalogue.count, _CHUNK):
            numbers = range(start, min(start + _CHUNK, catalogue.count))
            items = [
                {"id": one.id, "text": one.text} | ({"category": one.category} if one.category else {})
                for one in map(catalogue.item, numbers)
            ]
            answer = client.put("/v1/items", json={"items": items})
            if answer.status_code != httpx.codes.OK:
                raise SystemExit(f"the service did not take the items: status {answer.status_code}")
            progress.advance(putting, len(numbers))


def _items_in(redis: RedisProcess) -> int:
    with redis.client as client:
        return int(client.dbsize())


def _key(plan: Plan) -> str:
    model = load_artifact(load_settings().model).manifest.encoder_revision
    parts = (Path(plan.options.catalogue).read_bytes(), str(plan.options.items).encode(), model.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
