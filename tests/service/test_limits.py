from service.app import create_app
from tests.service.apps import settings


def test_the_documentation_states_the_limits_that_hold() -> None:
    changed = settings(max_body_bytes=4096, max_candidates=31, max_items=32, max_history=33, deadline_ms=3400)
    description = create_app(changed).openapi()["info"]["description"]
    for number in (
        "4,096 bytes",
        "31 candidates",
        "32 items",
        "33 events of history",
        "1,000 events of feedback",
        "3,400 ms",
    ):
        assert number in description
