import os
from collections.abc import AsyncIterator

import pytest

from tests.service.apps import RunningApp, running


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests decide the settings: what the shell exports must not."""
    for name in [name for name in os.environ if name.startswith("EDGE_RANK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def service() -> AsyncIterator[RunningApp]:
    async with running() as app:
        yield app
