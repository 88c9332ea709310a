from collections.abc import Iterator
from pathlib import Path

import pytest

from service.releases.bundle import Bundle
from tests.service.pull.bundles import bundle
from tests.service.pull.shop import Shop, opened


@pytest.fixture
def shop() -> Iterator[Shop]:
    with opened() as one:
        yield one


@pytest.fixture
def one(tmp_path: Path) -> Bundle:
    return bundle(tmp_path / "one", "one")


@pytest.fixture
def two(tmp_path: Path) -> Bundle:
    return bundle(tmp_path / "two", "two")
