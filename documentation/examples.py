"""Record the example answers of the HTTP API with the bundled model: `python -m documentation.examples`.

Answers hold times, so recording is not part of `make generated`: the file changes only when somebody records anew.
"""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.testclient import TestClient

Example = Mapping[str, Any]
RECORDED = Path(__file__).parent / "examples.json"
_RELEASED_HEADS = Path(__file__).parents[1] / "models" / "edge-rank-en-packs"
_MOST_TRIES = 600
_LONGEST_LIST = 3  # elements of an answer's list that are shown
_LONGEST_STRING = 200


def recorded() -> dict[str, Example]:
    """The examples by method and path: `request` if there is a body, `path` if it has parameters, and `response`."""
    examples: dict[str, Example] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return examples


def record() -> None:
    """Ask a service of its own all examples anew, and write what it answers."""
    from starlette.testclient import TestClient  # noqa: PLC0415 -- only recording needs it and the service

    from service.api.app import create_app  # noqa: PLC0415
    from service.settings import DEMO_CATALOGUE, Settings  # noqa: PLC0415

    examples = recorded()
    settings = Settings(catalogue=DEMO_CATALOGUE, store="memory", released_heads=_RELEASED_HEADS)
    with TestClient(create_app(settings)) as client:
        _wait_until_ready(client)
        for name, example in examples.items():
            method, _, path = name.partition(" ")
            answer = client.request(method, example.get("path", path), json=example.get("request"))
            examples[name] = {**example, "response": _shortened(answer.json())}
    RECORDED.write_text(json.dumps(examples, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _wait_until_ready(client: "TestClient") -> None:
    for _ in range(_MOST_TRIES):
        if client.get("/readyz").status_code == HTTPStatus.OK:
            return
        time.sleep(0.1)
    raise TimeoutError("the service did not become ready")


def _shortened(value: object) -> object:
    """An answer with its long lists and strings cut."""
    if isinstance(value, str) and len(value) > _LONGEST_STRING:
        return f"{value[:40]}…"
    if isinstance(value, list):
        return [*map(_shortened, value[:_LONGEST_LIST]), *(["…"] if len(value) > _LONGEST_LIST else [])]
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return value


if __name__ == "__main__":
    record()
