"""The bundled model on the bundled catalogue, over HTTP, as the first visitor meets them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from service.catalogue import read_catalogue
from service.settings import DEMO_CATALOGUE
from tests.service.apps import RunningApp, ids, running_bundled
from tests.service.processes import serving


@pytest.fixture
async def demo() -> AsyncIterator[RunningApp]:
    async with running_bundled() as app:
        yield app


@pytest.mark.parametrize(
    ("query", "sensible"),
    [
        ("split a dinner bill", {"bill-split"}),
        ("top up my phone", {"mobile-top-up", "top-up-abroad", "data-pack"}),
        ("pay the electricity bill", {"electricity-bill", "prepaid-power-token"}),
        ("book a train ticket", {"train-tickets"}),
        ("send money to my sister abroad", {"international-transfer", "cash-pickup"}),
    ],
)
async def test_the_sensible_item_comes_first(demo: RunningApp, query: str, sensible: set[str]) -> None:
    catalogue = read_catalogue(DEMO_CATALOGUE)
    answer = await demo.rank(query=query, candidates=[{"id": item.id} for item in catalogue])
    assert ids(answer)[0] in sensible
    assert answer["usage"]["missing_items"] == 0
    assert answer["usage"]["encoded_texts"] == 1


def test_the_command_serves_it() -> None:
    with serving("--demo") as service:
        info = httpx.get(f"{service.url}/v1/info").json()
    assert info["catalogue_items"] >= 300
    assert info["device_bytes"] <= 1_910_000
