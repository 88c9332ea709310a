from collections.abc import Iterator

import pytest

from tests.service.updates.shop import Shop, opened


@pytest.fixture
def shop() -> Iterator[Shop]:
    with opened() as one:
        yield one
