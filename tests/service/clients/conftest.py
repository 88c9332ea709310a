"""A serving process with API keys, for clients that know nothing of this project."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service.security.api_keys import new_key
from tests.service.processes import serving

QUERY = "split a dinner bill"
TEXTS = ["Taxi. Call a car to where you are.", "Split bill. Share a restaurant check among friends.", "Cinema tickets"]
BEST = 1

LEAVING_CONNECTIONS = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("connections_collected"),
]
"""Marks of tests of classes that leave their connections to the garbage collector, which complains."""


@dataclass(frozen=True)
class Server:
    """Where a service listens, and a key that it takes."""

    url: str
    key: str


@pytest.fixture
def connections_collected() -> Iterator[None]:
    """Have it complain of a test's connections here, and not in a later test."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    key, digest = new_key()
    keys = tmp_path_factory.mktemp("clients") / "keys.toml"
    keys.write_text(f'[keys.clients]\nsha256 = "{digest}"\n', encoding="utf-8")
    with serving(environment={"EDGE_RANK_API_KEYS_FILE": str(keys)}) as service:
        yield Server(service.url, key)
