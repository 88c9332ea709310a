"""The OpenAPI document keeps its word: what it allows is answered, what it forbids is refused, both as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from service.api.app import create_app
from service.artifact.artifact import load_artifact
from service.settings import BUNDLED_MODEL, Settings
from tests.service.heads.heads import build_head
from tests.service.processes import serving

# Of a fixture: to prepare every operation's cases takes seconds, and every process collects all tests.
schema = schemathesis.pytest.from_fixture("document")


@pytest.fixture(scope="module")
def document() -> OpenApiSchema:
    read = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
    # A deadline that was missed is the client's choice, not a fault.
    read.config.checks.not_a_server_error.expected_statuses = ["2xx", "3xx", "4xx", "504"]
    return read


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with the head that the document's example names."""
    heads = tmp_path_factory.mktemp("heads")
    build_head(heads / "banking77", load_artifact(BUNDLED_MODEL).manifest, name="banking77")
    with serving("--demo", environment={"EDGE_RANK_HEADS": str(heads)}) as service:
        yield service.url


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # to look for proxies takes longer than to send
        yield session


@pytest.fixture(autouse=True)
def _node_id(request: pytest.FixtureRequest) -> None:
    """Give the test an attribute that Schemathesis reads, and that pytest 9.2 no longer sets."""
    request.node._nodeid = request.node.nodeid


@schema.parametrize()
@settings(max_examples=100)
def test_every_operation_keeps_its_word(case: schemathesis.Case[Any], url: str, session: requests.Session) -> None:
    response = case.call(base_url=url, session=session)
    untold = breaks_what_json_schema_can_not_say(case.body)
    case.validate_response(response, excluded_checks=[positive_data_acceptance] if untold else [])
    if untold:
        assert 400 <= response.status_code < 500


def breaks_what_json_schema_can_not_say(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    options = body.get("options")
    pins, excluded = (options.get(name) for name in ("pin", "exclude")) if isinstance(options, dict) else ((), ())
    return (
        repeats_an_id(body.get("candidates"))
        or repeats_an_id(body.get("items"))
        or (isinstance(pins, list) and isinstance(excluded, list) and any(one in excluded for one in pins))
        or body.get("dimensions") is not None
        or (
            ("head" in body or "heads" in body) and holds_pairs(body.get("inputs"))
        )  # the head that is loaded classifies texts
    )


def holds_pairs(inputs: Any) -> bool:
    return isinstance(inputs, list) and any(isinstance(one, list) for one in inputs)


def repeats_an_id(items: Any) -> bool:
    ids = [repr(one.get("id")) for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    return len(set(ids)) < len(ids)
