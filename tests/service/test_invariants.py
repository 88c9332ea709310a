"""Invariants of every ranking."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st

from service.api.limits import MAX_NESTING
from service.ranking.weights import RANKERS
from service.text.cleaning import has_words
from tests.service.apps import RunningApp, running, settings

EXPERIMENT = 'name = "n"\n[arms.a]\nshare = 0.5\nranker = "lexical"\n[arms.b]\nshare = 0.5\nranker = "dense"\n'

WORDS = st.sampled_from(
    ["split", "bill", "taxi", "dinner", "دفتر", "🍜", "x" * 300, "\x00\x07", "\u202eabc", "e\u0301"]
)
TEXTS = st.none() | st.lists(WORDS, max_size=6).map(" ".join)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
IDS = [f"item {number}" for number in range(8)]


def without_nothing(value: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in value.items() if one is not None}


CANDIDATES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(IDS),
        "text": TEXTS,
        "score": st.none() | NUMBERS,
        "category": st.sampled_from([None, "a", "b"]),
        "features": st.none()
        | st.dictionaries(
            st.sampled_from(["popularity", "age_s", "other"]), st.floats(0, allow_infinity=False), max_size=3
        ),
    }
).map(without_nothing)
EVENTS = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(IDS),
        "text": TEXTS,
        "action": st.sampled_from(["click", "view", "purchase", "skip"]),
        "age_s": st.none() | st.floats(0, 1e9),
        "category": st.sampled_from([None, "a", "b"]),
    }
).map(without_nothing)
OPTIONS = st.fixed_dictionaries(
    {
        "top_n": st.none() | st.integers(1, 10),
        "diversity": st.sampled_from([0, 0, 0.5, 1]),
        "pin": st.lists(st.sampled_from([*IDS[:4], "unknown"]), unique=True, max_size=3),
        "exclude": st.lists(st.sampled_from([*IDS[4:], "nobody"]), max_size=3),
        "explain": st.booleans(),
        "max_per_category": st.none() | st.integers(1, 3),
        "ranker": st.sampled_from([None, *RANKERS]),
    }
).map(without_nothing)
REQUESTS = st.fixed_dictionaries(
    {
        "query": TEXTS,
        "user": st.fixed_dictionaries(
            {"id": st.sampled_from([None, "one", "other"]), "history": st.lists(EVENTS, max_size=4)}
        ),
        "candidates": st.lists(CANDIDATES, max_size=8, unique_by=lambda one: one["id"]),
        "options": OPTIONS,
    }
).map(without_nothing)


class Client:
    """Asks a running app from tests that are not coroutines: Hypothesis drives those alone."""

    def __init__(self, portal: BlockingPortal, service: RunningApp) -> None:
        self._portal, self._service = portal, service

    def post(self, body: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json"}

        async def ask() -> httpx.Response:
            return await self._service.client.post("/v1/rank", content=body, headers=headers)

        return self._portal.call(ask)

    def rank(self, request: dict[str, Any]) -> dict[str, Any]:
        response = self.post(json.dumps(request).encode())
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Asks an app in which an experiment runs, so that two users are ranked for differently, and which logs."""
    folder = tmp_path_factory.mktemp("invariants")
    (folder / "experiment.toml").write_text(EXPERIMENT)
    app = running(settings(experiment=folder / "experiment.toml", impressions=folder / "log"))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app) as service:
        yield Client(portal, service)


def ids(answer: dict[str, Any]) -> list[str]:
    return [one["id"] for one in answer["results"]]


@given(request=REQUESTS)
def test_results_are_the_admitted_candidates_in_another_order(client: Client, request: dict[str, Any]) -> None:
    for option in ("top_n", "max_per_category"):
        request["options"].pop(option, None)
    answer = client.rank(request)
    excluded = set(request["options"]["exclude"])
    assert sorted(ids(answer)) == sorted(one["id"] for one in request["candidates"] if one["id"] not in excluded)
    assert [one["rank"] for one in answer["results"]] == list(range(1, len(answer["results"]) + 1))
    for one in answer["results"]:
        assert request["candidates"][one["index"]]["id"] == one["id"]


@given(request=REQUESTS, top_n=st.integers(1, 10))
def test_the_best_are_the_beginning_of_all(client: Client, request: dict[str, Any], top_n: int) -> None:
    request["options"].pop("top_n", None)
    client.rank(request)  # an item that comes with a text is known from then on, to the history too
    everything = client.rank(request)
    best = client.rank({**request, "options": {**request["options"], "top_n": top_n}})
    assert best["results"] == everything["results"][:top_n]


@given(request=REQUESTS)
def test_pins_come_first_in_their_order(client: Client, request: dict[str, Any]) -> None:
    there = {one["id"] for one in request["candidates"]}
    pinned = [one for one in request["options"]["pin"] if one in there]
    found = ids(client.rank(request))
    assert found[: len(pinned)] == pinned[: len(found)]


@given(request=REQUESTS, most=st.integers(1, 2))
def test_no_category_has_more_results_than_it_may_but_for_pins(
    client: Client, request: dict[str, Any], most: int
) -> None:
    request["options"] |= {"pin": [], "max_per_category": most}
    sent = {one["id"]: one.get("category") for one in request["candidates"]}
    found = Counter(sent[one] for one in ids(client.rank(request)))
    assert all(found[category] <= most for category in ("a", "b"))


@given(text=WORDS.filter(has_words), count=st.integers(1, 8))
def test_equals_keep_the_order_of_the_backend(client: Client, text: str, count: int) -> None:
    candidates = [{"id": one, "text": text, "score": 1.0} for one in IDS[:count]]
    assert ids(client.rank({"query": "dinner", "candidates": candidates})) == IDS[:count]


@given(request=REQUESTS)
def test_the_same_request_gives_the_same_results(client: Client, request: dict[str, Any]) -> None:
    client.rank(request)
    assert client.rank(request)["results"] == client.rank(request)["results"]


@given(request=REQUESTS)
def test_explanations_add_up(client: Client, request: dict[str, Any]) -> None:
    for one in client.rank({**request, "options": {**request["options"], "explain": True}})["results"]:
        total = sum(part["contribution"] for part in one["explanation"].values())
        assert total == pytest.approx(one["score"], abs=1e-6)


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_crash_it(client: Client, body: bytes) -> None:
    response = client.post(body)
    assert response.status_code in {200, 400, 422}
    assert "Traceback" not in response.text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "text", "query"]), inner),
    max_leaves=10,
)


@given(request=REQUESTS, place=st.sampled_from(["query", "user", "candidates", "options", "context", "x"]), value=JSON)
def test_no_field_crashes_it(client: Client, request: dict[str, Any], place: str, value: object) -> None:
    response = client.post(json.dumps({**request, place: value}).encode())
    assert response.status_code in {200, 400, 413, 422}


@pytest.mark.parametrize(
    "body",
    [
        b'{"candidates": ' + b"[" * 100_000,
        b'{"context": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b'{"candidates": [], "query": NaN}',
        b'{"candidates": [{"id": "a", "score": Infinity}]}',
        b'{"candidates": [{"id": "a", "score": 1e999}]}',
    ],
    ids=["brackets", "depth", "nan", "infinity", "overflow"],
)
def test_odd_json_is_refused(client: Client, body: bytes) -> None:
    response = client.post(body)
    assert response.status_code in {400, 422}
    assert "Traceback" not in response.text


def test_a_text_of_a_megabyte_is_read_in_part(client: Client) -> None:
    answer = client.rank({"query": "x" * 1_000_000, "candidates": [{"id": "a", "text": "taxi " * 200_000}]})
    assert answer["usage"]["truncated_texts"] >= 1


def test_nesting_is_limited_as_the_documentation_says(client: Client) -> None:
    def nested(levels: int) -> int:
        return client.post(b'{"context": ' + b"[" * levels + b"]" * levels + b', "candidates": []}').status_code

    assert nested(MAX_NESTING) == 422  # read, and then refused for what it is
    assert nested(MAX_NESTING + 1) == 400
