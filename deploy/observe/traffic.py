"""Traffic for all panels: rankings of all kinds, errors, overload, model swaps."""

import asyncio
import random
import time
from collections import Counter

import httpx

from loadtests.harness.workload import Workload

_ITEMS, _CANDIDATES = 200, 12
_BURST = 40


class Traffic:
    """Sends requests and counts answers by status."""

    def __init__(self, url: str) -> None:
        self.statuses: Counter[int] = Counter()
        self._client = httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=None))
        self._workload, self._random = Workload(), random.Random(17)  # noqa: S311 (a workload, not a secret)
        self._items = self._workload.items(_ITEMS)

    async def flow(self, seconds: float, rate: float) -> None:
        """Send rankings at a fixed rate (an open loop), with occasional errors."""
        started, asking, number = time.perf_counter(), [], 0
        while (due := number / rate) < seconds:
            await asyncio.sleep(max(0.0, started + due - time.perf_counter()))
            asking.append(asyncio.create_task(self._rank()))
            if number % 20 == 0:
                asking.append(asyncio.create_task(self._misbehave()))
            number += 1
        await asyncio.gather(*asking)

    async def others(self) -> None:
        """Send one request to each of the other routes."""
        await self._send("PUT", "/v1/items", {"items": self._items[:20]})
        await self._send("POST", "/v1/embeddings", {"model": "any", "input": self._workload.text()})
        await self._send("POST", "/v1/rerank", {"model": "any", "query": "a bill", "documents": ["a", "b"]})
        await self._send(
            "POST", "/v1/feedback", {"events": [{"request_id": "r", "item_id": "unheard", "action": "click"}]}
        )
        for path in ("/v1/info", "/livez", "/readyz", "/no-such-route"):
            await self._send("GET", path)

    async def burst(self) -> None:
        """Send more requests at once than the service admits."""
        await asyncio.gather(*(self._rank(new=True) for _ in range(_BURST)))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _rank(self, *, new: bool = False) -> None:
        candidates = self._workload.items(100) if new else self._random.sample(self._items, _CANDIDATES)
        unheard = [{"id": f"unheard-{self._random.random()}"}]
        long = {"id": "long", "text": "many words " * 200 + self._workload.text()}
        strange = {"id": "strange", "text": f"\N{HOT BEVERAGE} {self._workload.text()}"}
        body = {"query": self._workload.query(), "candidates": [*candidates, *unheard, long, strange]}
        await self._send("POST", "/v1/rank", body)

    async def _misbehave(self) -> None:
        items = self._workload.items(50)
        await self._send("POST", "/v1/rank", {"query": "late", "candidates": items, "options": {"deadline_ms": 1}})
        scored = [{**one, "score": place} for place, one in enumerate(self._workload.items(50))]
        await self._send("POST", "/v1/rank", {"query": "so", "candidates": scored, "options": {"deadline_ms": 5}})
        await self._send("POST", "/v1/rank", {"candidates": 7})

    async def _send(self, method: str, path: str, body: object = None) -> None:
        answer = await self._client.request(method, path, json=body)
        self.statuses[answer.status_code] += 1
