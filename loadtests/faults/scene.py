"""A fault, and the processes and settings that it takes."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from loadtests.harness.processes import Serving

Act = Callable[[Serving], Coroutine[None, None, None]]


async def nothing(_: Serving) -> None:
    """Do nothing."""


def doing(*steps: Callable[[], object]) -> Act:
    """An act that runs blocking functions one after another."""

    async def act(_: Serving) -> None:
        for step in steps:
            await asyncio.to_thread(step)

    return act


@dataclass(frozen=True)
class Scene:
    """The surroundings of a fault.

    Attributes:
        environment: of the service.
        headers: of every request.
        strike: causes the fault.
        mend: ends it.
    """

    environment: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    strike: Act = nothing
    mend: Act = nothing


SceneManager = Callable[[], AbstractAsyncContextManager[Scene]]


@dataclass(frozen=True)
class Fault:
    """A named fault with its scene, a context manager that starts and ends the processes."""

    name: str
    scene: SceneManager
