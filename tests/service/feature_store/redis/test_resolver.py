import asyncio
import socket
import threading
from typing import Any

import pytest

from service.feature_store.redis.resolver import Resolver


async def test_a_name_has_its_addresses() -> None:
    resolver = Resolver()
    assert await resolver.addresses("127.0.0.1") == ["127.0.0.1"]
    assert "127.0.0.1" in await resolver.addresses("localhost")


@pytest.mark.parametrize("name", ["no-such-name.invalid", "a" * 300, "a..b"])
async def test_what_has_none_is_reported(name: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 -- what it says differs by system
        await Resolver().addresses(name)


async def test_servers_of_names_that_do_not_answer_take_one_thread_and_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()
    asked: list[str] = []

    def slow(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        assert answers.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.0.2.1", 0))]

    resolver = Resolver()
    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", slow)
        for _ in range(100):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await resolver.addresses("redis")
        assert await asyncio.to_thread(lambda: "a thread") == "a thread"
        waiting = asyncio.create_task(resolver.addresses("redis"))
        await asyncio.sleep(0)
        answers.set()
        assert await waiting == ["192.0.2.1"]
        assert asked == ["redis"]
