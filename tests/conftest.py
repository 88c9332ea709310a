"""Fixtures for the tests of every package, among them a real Redis that tests may stop and start."""

import gc
from collections.abc import Iterator

import pytest
import trustme
from hypothesis import HealthCheck, settings

from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process

TOGETHER = ("tests/model_build/ablation", "tests/service/clients")
"""Folders whose files share what takes long to build."""

# How long an example takes says more of the machine than of the code.
settings.register_profile("edge-rank", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edge-rank")

# Nearly all that is made while tests are collected stays. To look through it again and again takes seconds.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with slow tests, each by itself; what else is in a file goes to one process, with its fixtures."""
    for item in items:
        if item.get_closest_marker("slow") is None and item.get_closest_marker("xdist_group") is None:
            path = item.path.relative_to(item.config.rootpath)
            together = next((folder for folder in TOGETHER if path.is_relative_to(folder)), path)
            item.add_marker(pytest.mark.xdist_group(str(together)))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _no_store_of_the_developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests' items out of the store that this user's own services share."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one certificate authority: HTTPX reads all of them for each client, which takes longer than a request."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture
def redis_server() -> Iterator[RedisProcess]:
    with redis_process(redis_executable()) as server:
        yield server
