"""Record the example answers of the HTTP API with the bundled model: `python -m documentation.examples`.

Answers hold times, so recording is not part of `make generated`: the file changes only when somebody records anew.
"""

import asyncio
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Example = Mapping[str, Any]
RECORDED = Path(__file__).parent / "examples.json"
_LONGEST_LIST = 3  # elements of an answer's list that are shown


def recorded() -> dict[str, Example]:
    """The examples by method and path: `request` if there is a body, `path` if it has parameters, and `response`."""
    examples: dict[str, Example] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return examples


async def record() -> None:
    """Ask a service in this process all examples anew, and write what it answers."""
    import httpx  # noqa: PLC0415 -- only recording needs it and the service

    from service.api.app import create_app  # noqa: PLC0415
    from service.settings import DEMO_CATALOGUE, Settings  # noqa: PLC0415

    examples = recorded()
    settings = Settings(catalogue=DEMO_CATALOGUE, store="memory", heads=_heads())
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://service") as client:
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
            for name, example in examples.items():
                method, _, path = name.partition(" ")
                answer = await client.request(method, example.get("path", path), json=example.get("request"))
                examples[name] = {**example, "response": _shortened(_read(answer.text))}
    RECORDED.write_text(json.dumps(examples, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return "\n".join([*text.splitlines()[: 2 * _LONGEST_LIST], "…"])


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [*map(_shortened, value[:_LONGEST_LIST]), *(["…"] if len(value) > _LONGEST_LIST else [])]
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return value


def _heads() -> Path | None:
    """The folder of heads that the environment names, for `POST /v1/classify`."""
    return Path(os.environ["EDGE_RANK_HEADS"]) if "EDGE_RANK_HEADS" in os.environ else None


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        asyncio.run(record())
