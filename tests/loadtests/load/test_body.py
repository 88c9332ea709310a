import json
from collections import Counter
from typing import Any

import pytest

from loadtests.load.arrivals import Arrivals
from loadtests.load.body import BodyWriter
from loadtests.load.catalogue import Catalogue
from loadtests.load.device import Population
from loadtests.load.traffic import traffic
from service.api.schemas.rank import RankRequest
from service.settings import DEMO_CATALOGUE

ITEMS = 3000


def bodies(seed: int = 1, *, with_texts: bool = False, seconds: float = 20) -> list[bytes]:
    catalogue = Catalogue.read(DEMO_CATALOGUE, ITEMS)
    population = Population(50_000, len(catalogue.categories), seed)
    writer = BodyWriter(catalogue, population, seed, with_texts=with_texts)
    arrivals = Arrivals(population, lambda _: 60.0, seed)
    return [writer.body(request) for request in traffic(arrivals, seconds)]


@pytest.fixture(scope="module")
def requests() -> list[dict[str, Any]]:
    return [json.loads(body) for body in bodies()]


def test_the_same_seed_writes_the_same_bodies_and_another_does_not() -> None:
    assert bodies(seconds=3) == bodies(seconds=3)
    assert bodies(seconds=3) != bodies(seed=2, seconds=3)


def test_the_service_takes_them() -> None:
    for body in bodies(seconds=5):
        RankRequest.model_validate_json(body)


def test_pages_have_the_candidates_of_their_app_version(requests: list[dict[str, Any]]) -> None:
    sizes = Counter(len(one["candidates"]) for one in requests)
    assert set(sizes) == {20, 40, 60, 100}
    for request in requests:
        scores = [one["score"] for one in request["candidates"]]
        assert scores == sorted(scores, reverse=True)
        assert len({one["id"] for one in request["candidates"]}) == len(scores)


def test_most_candidates_are_named_by_id_and_one_on_the_mean_is_new(requests: list[dict[str, Any]]) -> None:
    catalogue = Catalogue.read(DEMO_CATALOGUE, ITEMS)
    known = {catalogue.item(number).id for number in range(ITEMS)}
    new = [one for request in requests for one in request["candidates"] if "text" in one]
    assert len(new) / len(requests) == pytest.approx(1, abs=0.2)
    assert not known.intersection(one["id"] for one in new)
    named = [one["id"] for request in requests for one in request["candidates"] if "text" not in one]
    assert known.issuperset(named)
    assert Counter(named).most_common(1)[0][1] > 20 * len(named) / len(set(named))


def test_new_items_are_others_a_minute_later() -> None:
    def new(seconds: float) -> set[str]:
        last = [json.loads(body) for body in bodies(seconds=seconds)[-300:]]
        return {one["id"] for request in last for one in request["candidates"] if "text" in one}

    early, later = new(10), new(75)
    assert len(early & later) < 0.2 * len(early)


def test_a_catalogue_may_be_small() -> None:
    catalogue = Catalogue.read(DEMO_CATALOGUE, 30)
    population = Population(1000, len(catalogue.categories), 1)
    writer = BodyWriter(catalogue, population, 1)
    written = [json.loads(writer.body(one)) for one in traffic(Arrivals(population, lambda _: 60.0, 1), 3)]
    assert all(0 < len(one["candidates"]) <= 40 for one in written)


def test_a_session_searches_or_browses(requests: list[dict[str, Any]]) -> None:
    assert sum("query" in one for one in requests) / len(requests) == pytest.approx(0.6, abs=0.08)
    queries = Counter(one["query"] for one in requests if "query" in one)
    assert queries.most_common(1)[0][1] > 5


def test_a_device_has_the_history_that_it_has(requests: list[dict[str, Any]]) -> None:
    histories: dict[str, Any] = {}
    for request in requests:
        user = request["user"]
        assert histories.setdefault(user["id"], user["history"]) == user["history"]
        ages = [one["age_s"] for one in user["history"]]
        assert ages == sorted(ages)
    assert {len(one) for one in histories.values()} >= {0, 1, 20, 50}


def test_into_a_cold_cache_all_come_with_their_texts() -> None:
    candidates = [one for body in bodies(with_texts=True, seconds=2) for one in json.loads(body)["candidates"]]
    assert all("text" in one for one in candidates)
