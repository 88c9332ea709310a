"""What tests of every package share: a real Redis that they may stop and start."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from loadtests.harness.redis_process import RedisProcess, redis_executable, redis_process

# How long an example takes says more of the machine than of the code.
settings.register_profile("edge-rank", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edge-rank")


@pytest.fixture(scope="session", autouse=True)
def _no_store_of_the_developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests put is nothing for the store that this user's own services share."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def redis_server() -> Iterator[RedisProcess]:
    with redis_process(redis_executable()) as server:
        yield server
