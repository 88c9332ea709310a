import json
import logging
from collections.abc import Iterator, Sequence

import pytest

from service.api.middleware.access_log import AccessLog
from service.encoder.base import Encoding
from service.http.request_state import RequestState
from service.process.logs import JsonFormatter
from service.security.api_keys import ApiKey, Principal
from tests.service.apps import fake_model, running, settings
from tests.service.clocks import Clock
from tests.service.encoders import FakeEncoder

BODY = {"query": "secret query", "candidates": [{"id": "secret-item", "text": "secret text"}]}


class BrokenEncoder(FakeEncoder):
    def encode(self, texts: Sequence[str]) -> Encoding:
        raise RuntimeError(f"can't read {texts}")


class Lines(logging.Handler):
    """The lines of the log as they are written, the request's id included."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.written: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    logger, handler = logging.getLogger("service.access"), Lines()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield handler.written
    logger.removeHandler(handler)
    logger.setLevel(level)


async def test_an_answer_has_a_line_that_says_what_became_of_it(lines: list[dict[str, object]]) -> None:
    async with running(settings(access_log_fraction=1)) as service:
        answer = await service.client.post("/v1/rank", json={**BODY, "request_id": "r-1"})
        label = answer.json()["model"]
    (line,) = lines
    assert line["request_id"] == "r-1"
    assert (line["route"], line["method"], line["status"], line["model"]) == ("/v1/rank", "POST", 200, label)
    assert isinstance(line["duration_ms"], float)
    assert isinstance(line["pid"], int)
    assert "secret" not in json.dumps(line)


async def test_by_default_only_failures_have_lines(lines: list[dict[str, object]]) -> None:
    async with running(model=fake_model(BrokenEncoder())) as service:
        assert (await service.client.post("/v1/rank", json={"candidates": 7})).status_code == 422
        assert (await service.client.post("/v1/rank", json=BODY)).status_code == 500
    assert [(line["level"], line["status"]) for line in lines] == [("error", 500)]
    assert "secret" not in json.dumps(lines)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/docs"])
async def test_probes_and_scrapes_have_none(lines: list[dict[str, object]], path: str) -> None:
    async with running(settings(access_log_fraction=1)) as service:
        await service.client.get(path)
    assert lines == []


async def test_what_a_client_calls_a_route_or_method_is_not_told(lines: list[dict[str, object]]) -> None:
    async with running(settings(access_log_fraction=1)) as service:
        await service.client.request("SECRET", "/secret?secret=secret")
    assert [(line["route"], line["method"]) for line in lines] == [("unmatched", "other")]
    assert "secret" not in json.dumps(lines).lower()


def told(log: AccessLog, request_id: str, status: int = 200) -> None:
    log.log(RequestState(request_id=request_id), route="/x", method="GET", status=status, seconds=0.001)


def test_a_share_of_the_answers_is_reported_and_always_the_same(lines: list[dict[str, object]]) -> None:
    for _ in range(2):
        for number in range(1000):
            told(AccessLog(0.1), f"r-{number}")
    assert 2 * 60 < len(lines) < 2 * 140
    assert len(lines) % 2 == 0


def test_when_every_answer_fails_the_log_does_not_fill_the_disk(lines: list[dict[str, object]]) -> None:
    clock = Clock()
    log = AccessLog(0, clock)
    for _ in range(1000):
        told(log, "r", status=504)
    assert len(lines) == 20
    clock.now += 1
    told(log, "r", status=504)
    assert len(lines) == 21


def test_a_key_is_reported_by_its_name(lines: list[dict[str, object]]) -> None:
    state = RequestState(request_id="r", principal=Principal("checkout", ApiKey(sha256="0" * 64)))
    AccessLog(1).log(state, route="/x", method="GET", status=200, seconds=0.001)
    assert lines[0]["key"] == "checkout"
