import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api.middleware.request_id import RequestIdMiddleware, set_request_id
from service.http.request_state import RequestState
from service.process.logs import current_request
from tests.service.apps import RunningApp


async def test_a_usable_id_comes_back(service: RunningApp) -> None:
    response = await service.client.get("/livez", headers={"X-Request-ID": "abc-1.2:3_4"})
    assert response.headers["X-Request-ID"] == "abc-1.2:3_4"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "é", "<script>"])
async def test_an_unusable_id_is_replaced(service: RunningApp, given: str) -> None:
    response = await service.client.get("/livez", headers={b"X-Request-ID": given.encode()})
    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


async def test_ids_differ(service: RunningApp) -> None:
    first, second = [(await service.client.get("/livez")).headers["X-Request-ID"] for _ in range(2)]
    assert first != second


async def test_what_the_server_logs_of_a_failure_bears_the_id_that_the_client_was_told() -> None:
    async def failing(scope: Scope, _receive: Receive, _send: Send) -> None:
        set_request_id(RequestState.of(scope), "r-2")
        raise ValueError("secret")

    async def refuse() -> Message:
        raise AssertionError

    async def ignore(_: Message) -> None:
        raise AssertionError

    async def served() -> str | None:
        with pytest.raises(ValueError, match="secret"):
            await RequestIdMiddleware(failing)({"type": "http", "headers": []}, refuse, ignore)
        return current_request.get()

    assert await asyncio.create_task(served()) == "r-2"
    assert current_request.get() is None
